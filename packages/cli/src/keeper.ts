/*
 * The engine's program that looks after containers, bundled beside the command.
 */
import { enableCompileCache } from './compile-cache.ts'

enableCompileCache()
void import('@podwright/engine/keeper')
