/*
 * The engine's program that a monitor runs when its container has ended, bundled beside the command.
 */
import { enableCompileCache } from './compile-cache.ts'

enableCompileCache()
void import('@podwright/engine/cleanup')
