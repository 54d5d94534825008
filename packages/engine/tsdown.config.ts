import type { UserConfig } from 'tsdown'
import shared from '../../tsdown.shared.ts'

/** The worker, the clean-up and the keeper are programs of their own, found beside the index. */
const config: UserConfig = { ...shared, entry: ['src/index.ts', 'src/worker.ts', 'src/cleanup.ts', 'src/keeper.ts'] }

export default config
