/**
 * The target behind a wrapped handler. `tools/list` shows its tool schema. The interceptor answers every call
 * itself. A call that arrives here went past the interceptor and is not paid. It is refused, and counted in
 * the function's `Errors` metric.
 */
export async function handler(): Promise<never> {
  throw new Error('This tool is sold by the REQUEST interceptor: is it attached to the Gateway?')
}
