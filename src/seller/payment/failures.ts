/** What is done after a verify or a settle that failed: most containers never load it. */
export { refusal, unverifiable } from './refusal.js'
export { settleAgain } from './settle-again.js'
export { applyPolicy, endUpfront, findSettlement, goOnUnwritten } from './unsettled.js'
