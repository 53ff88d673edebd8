import { describe } from '@jest/globals'
import { IS_INSTALLED } from './table.js'

/** `describe` where the engine is installed. Elsewhere it says at once why the tests are skipped. */
export const describeTable = IS_INSTALLED ? describe : describe.skip
if (!IS_INSTALLED) {
  console.warn(
    'skipped: no DynamoDB engine. Install it: node .config/install-peers.mjs tests/peers',
  )
}
