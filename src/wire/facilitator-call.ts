/** Passed as second argument to every facilitator call; the official client ignores it. */
export interface FacilitatorCall {
  /** Sent as `x-correlation-id`: one for verify and settle of a call. */
  correlationId?: string | undefined
  /** Limit of this call; the wrapper stops waiting for it soon after. Unit: ms. */
  timeoutMs?: number | undefined
}
