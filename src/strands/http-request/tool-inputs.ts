import * as z from 'zod'

/** Inputs of the payment tools. Their names are those of AWS's Python plugin, so that prompts carry over. */

/** An optional text. Models write `null` to leave something out. */
const optionalText = z.string().nullish()

const user_id = optionalText.describe('User the call is for. Default: the configured user.')
const payment_connector_id = optionalText.describe('Id of a payment connector.')

export const GetInstrumentInput = z.object({
  payment_instrument_id: optionalText.describe(
    'Id of the payment instrument. Default: the configured one.',
  ),
  user_id,
  payment_connector_id,
})

export const ListInstrumentsInput = z.object({
  user_id,
  payment_connector_id,
  max_results: z.int().min(1).max(100).nullish().describe('Most to return. Default: 100.'),
  next_token: optionalText.describe('Where to go on, from the answer before.'),
})

export const BalanceInput = z.object({
  payment_instrument_id: z.string().describe('Id of the payment instrument.'),
  chain: z
    .enum(['BASE', 'BASE_SEPOLIA', 'ETHEREUM', 'SOLANA', 'SOLANA_DEVNET'])
    .nullish()
    .describe('Chain to look at. Default: BASE_SEPOLIA.'),
  token: z.enum(['USDC']).nullish().describe('Token to look for. Default: USDC.'),
  payment_connector_id: payment_connector_id.describe(
    'Id of a payment connector. Default: the configured one.',
  ),
  user_id,
})

export const GetSessionInput = z.object({
  payment_session_id: optionalText.describe('Id of the session. Default: the configured one.'),
  user_id,
})

export const HttpRequestInput = z.object({
  url: z.string().describe('URL to request, http or https.'),
  method: z
    .string()
    .nullish()
    .describe('GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS. Default: GET.'),
  headers: z.record(z.string(), z.string()).nullish().describe('Headers to send.'),
  body: z
    .union([z.string(), z.record(z.string(), z.unknown())])
    .nullish()
    .describe('Body to send: a text as it is, an object as JSON. Not sent with GET and HEAD.'),
})
export type HttpRequestInput = z.infer<typeof HttpRequestInput>

/** The input of the SDK's own `http_request`. */
export const VendedHttpRequestInput = HttpRequestInput.extend({
  timeout: z.number().positive().nullish().describe('Longest wait in seconds. Default: 30.'),
})
export type VendedHttpRequestInput = z.infer<typeof VendedHttpRequestInput>
