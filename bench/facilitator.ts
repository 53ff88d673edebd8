import { spawn } from 'node:child_process'

/** A local facilitator in another process, as the CLI starts it. */
export interface Facilitator {
  url: string
  nvmApiKey: string
  subscriberApiKey: string
  planId: string
  /** Its facilitator of standard x402, where money for the seller goes, and the key of a buyer who has some. */
  standardUrl: string
  payTo: string
  buyerKey: string
  stop(): void
}

export async function startFacilitator(delayMs: number): Promise<Facilitator> {
  const child = spawn(
    process.execPath,
    [
      'dist/cli.js',
      'local',
      '--port',
      '0',
      '--ledger',
      '--delay-ms',
      String(delayMs),
      '--credits',
      '1000000000',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const banner = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes('PAYMENT_CONNECTOR_ID')) resolve(text)
    })
    child.once('exit', () => reject(new Error('the local stack did not start')))
  })
  const variable = (name: string) => new RegExp(`${name}='([^']+)'`).exec(banner)?.[1] ?? ''
  return {
    url: variable('NVM_BACKEND_URL'),
    nvmApiKey: variable('NVM_API_KEY'),
    subscriberApiKey: variable('NVM_SUBSCRIBER_API_KEY'),
    planId: variable('NVM_PLAN_ID'),
    standardUrl: variable('X402_FACILITATOR_URL'),
    payTo: variable('PAY_TO'),
    buyerKey: variable('X402_BUYER_KEY'),
    stop: () => child.kill(),
  }
}
