import { defineContainerKills } from '../long/container-kills.ts'

// A few, since each takes seconds; `npm run test:long` makes hundreds.
for (const role of ['root', 'a plain user'] as const) defineContainerKills(role, 4)
