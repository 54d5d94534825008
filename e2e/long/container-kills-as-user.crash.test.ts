import { defineContainerKills } from './container-kills.ts'

defineContainerKills('a plain user', Number(process.env['PODWRIGHT_CRASH_ROUNDS'] ?? 20))
