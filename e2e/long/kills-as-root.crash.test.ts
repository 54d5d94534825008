import { defineKills } from './kills.ts'

defineKills('root')
