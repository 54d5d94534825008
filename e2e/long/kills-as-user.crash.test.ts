import { defineKills } from './kills.ts'

defineKills('a plain user')
