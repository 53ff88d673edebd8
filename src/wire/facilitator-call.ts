/** The second argument of every facilitator call. The official client ignores it. */
export interface FacilitatorCall {
  /** Sent as `x-correlation-id`. Verify and settle of one call have the same. */
  correlationId?: string | undefined
  /** Limit of this call. The wrapper stops waiting for it soon after. Unit: ms. */
  timeoutMs?: number | undefined
}
