/** What happens to finished work whose settlement was refused, or whose outcome is unknown. */
export type UnsettledPolicy = 'withhold' | 'deliver'

/** How a settlement that fails is taken, and how long facilitators are waited for. */
export interface SettlementOptions {
  /**
   * What happens to finished work if the facilitator refuses to settle, or cannot be asked to.
   * - `'withhold'`: the buyer does not get it.
   * - `'deliver'`: the buyer gets it without paying.
   *
   * @default 'withhold'
   */
  onSettlementRefused?: UnsettledPolicy | undefined
  /**
   * What happens to finished work if the outcome of its settlement stays unknown.
   * - `'withhold'`: the buyer gets it by coming back with the same payment, once it is known to be settled.
   * - `'deliver'`: the buyer gets it, perhaps without paying.
   *
   * @default 'withhold'
   */
  onSettlementUnknown?: UnsettledPolicy | undefined
  /**
   * Whether a settle whose answer was lost is repeated for reusable (version 2) tokens too. It relies on the
   * facilitator, which must settle an agent request id only once. Settles of single-use tokens are always repeated.
   *
   * @default false
   */
  retrySettleByRequestId?: boolean | undefined
  /**
   * Whether failed answers are charged too: results with `isError`, JSON-RPC errors and statuses other than 2xx.
   *
   * @default false
   */
  chargeOnError?: boolean | undefined
  /**
   * How long verify may take, and likewise the look-ups of plans before it. The Lambda's remaining time bounds both.
   * Unit: ms, 1 to 900 000.
   *
   * @default 5000
   */
  verifyTimeoutMs?: number | undefined
  /**
   * How long one attempt to settle may take. The Lambda's remaining time bounds it too. Unit: ms, 1 to 900 000.
   *
   * @default 25000
   */
  settleTimeoutMs?: number | undefined
  /**
   * Time of the Lambda that is kept back for the answer after settle. If less than this plus 2 s is left after verify,
   * the handler is not started. Unit: ms, 1 to 900 000.
   *
   * @default 1000
   */
  settleReserveMs?: number | undefined
}
