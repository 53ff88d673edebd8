/** How an error says that AWS may have counted a payment that its seller never saw. */
export const MAY_BE_CHARGED = 'the session may have been charged, nothing was sent to the seller'

/** Asked for again with the same client token, it is the same payment. */
export function mayBeCharged({ message }: Error): boolean {
  return message.includes(MAY_BE_CHARGED)
}
