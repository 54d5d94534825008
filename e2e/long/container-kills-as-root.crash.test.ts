import { defineContainerKills } from './container-kills.ts'

defineContainerKills('root', Number(process.env['PODWRIGHT_CRASH_ROUNDS'] ?? 20))
