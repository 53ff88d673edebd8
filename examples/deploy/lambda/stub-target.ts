/**
 * The target behind the decorator. It is there for its tool schema, which `tools/list` shows; the
 * interceptor answers every call itself. A call that arrives here came past the interceptor, unpaid: it is
 * refused, and counted in the function's `Errors` metric.
 */
export async function handler(): Promise<never> {
  throw new Error('This tool is sold by the REQUEST interceptor: is it attached to the Gateway?')
}
