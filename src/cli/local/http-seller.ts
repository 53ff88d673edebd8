import type { LambdaHandler, Local } from '../../local/index.js'
import type { Trial } from '../../local/trial-of.js'
import type { StackOptions } from './stack-options.js'

/** A seller over plain HTTP. */
export interface HttpSeller {
  url: string
  /** Lines that try it. */
  trial: Trial
  close: () => Promise<void>
}

/**
 * Serves a handler over plain HTTP, at the port after that of the stack.
 *
 * @param handler the default is one that sells `GET /quote`
 * @throws the system's error if the port cannot be had, e.g. with code `EADDRINUSE`.
 */
export async function startHttp(
  local: Local,
  { port, host }: Pick<StackOptions, 'port' | 'host'>,
  handler: LambdaHandler | undefined,
): Promise<HttpSeller> {
  const { quoteHandler } = await import('../../local/quote-handler.js')
  const { startFunctionUrl } = await import('../../local/index.js')
  const { httpTrial } = await import('../../local/http-trial.js')
  const sold = handler ?? quoteHandler(local)
  const { url, close } = await startFunctionUrl(sold, {
    ...{ host, port: port === 0 ? 0 : port + 1 },
  })
  try {
    return { url, close, trial: await httpTrial(local, url, sold) }
  } catch (error) {
    await close()
    throw error
  }
}
