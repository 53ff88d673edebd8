import type { IncomingHttpHeaders } from 'node:http'
import type { PaymentPayload, PaymentRequirements, SettleResponse } from '@x402/core/types'
import type { Chain } from '../chain/chain.js'
import { listen, type Listening } from '../chain/listen.js'
import { startFacilitator } from './facilitator.js'

export interface FacilitatorOverHttp extends Listening {
  settlements: SettleResponse[]
  /** What it was asked, in that order. */
  asked: { path: string; headers: IncomingHttpHeaders }[]
}

interface Body {
  paymentPayload: PaymentPayload
  paymentRequirements: PaymentRequirements
}

/** The facilitator of `@x402/core` behind the REST interface of the standard. */
export async function facilitatorOverHttp(chain: Chain): Promise<FacilitatorOverHttp> {
  const facilitator = await startFacilitator(chain)
  const asked: FacilitatorOverHttp['asked'] = []
  const answer = async (path: string, text: string): Promise<unknown> => {
    if (path === '/supported') return facilitator.getSupported()
    const { paymentPayload, paymentRequirements } = JSON.parse(text) as Body
    return path === '/verify'
      ? facilitator.verify(paymentPayload, paymentRequirements)
      : facilitator.settle(paymentPayload, paymentRequirements)
  }
  const server = await listen((request, response) => {
    const { url: path = '', headers } = request
    asked.push({ path, headers })
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      void answer(path, text).then((body) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      })
    })
  })
  return { ...server, settlements: facilitator.settlements, asked }
}
