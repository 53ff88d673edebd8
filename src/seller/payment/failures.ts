/** What follows a failed verify or settle. Most containers never load it. */
export { refusal, unverifiable } from './refusal.js'
export { settleAgain } from './settle-again.js'
export { applyPolicy, endUpfront, findSettlement, goOnUnwritten } from './unsettled.js'
