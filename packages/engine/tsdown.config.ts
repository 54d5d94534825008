import type { UserConfig } from 'tsdown'
import shared from '../../tsdown.shared.ts'

/** The worker and the clean-up are programs of their own, found beside the index. */
const config: UserConfig = { ...shared, entry: ['src/index.ts', 'src/worker.ts', 'src/cleanup.ts'] }

export default config
