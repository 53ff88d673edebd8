import * as z from 'zod/mini'
import { integer, list, text, union } from '../world/shapes.js'

/**
 * The inputs of the data plane, with the constraints of AWS's model.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_ProcessPayment.html
 */

const userId = z.optional(text({ max: 120 }))
const agentName = z.optional(text({ max: 256 }))
const clientToken = z.optional(
  text({ min: 33, max: 256, pattern: '[a-zA-Z0-9](-*[a-zA-Z0-9]){0,256}' }),
)
const paymentManagerArn = text({
  min: 66,
  max: 2048,
  pattern:
    'arn:(aws|aws-[a-z0-9-]+):bedrock-agentcore:[a-z0-9-]+:[0-9]{12}:payment-manager/[a-z0-9]([a-z0-9-]{0,47}[a-z0-9])?-[a-z0-9]{10}',
})
const paymentConnectorId = text({
  min: 12,
  max: 211,
  pattern: '([0-9a-z][-]?){1,100}-[0-9a-z]{10}',
})
const paymentInstrumentId = text({
  min: 34,
  max: 34,
  pattern: 'payment-instrument-[0-9a-zA-Z-]{15}',
})
const paymentSessionId = text({ min: 31, max: 31, pattern: 'payment-session-[0-9a-zA-Z-]{15}' })
const page = {
  nextToken: z.optional(text({ min: 1, max: 2048, pattern: '\\S*' })),
  maxResults: z.optional(integer()),
}
const caller = { paymentManagerArn, userId, agentName }

const email = text({
  min: 1,
  max: 254,
  pattern: '[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\\.[a-zA-Z]{2,}',
})
const name255 = text({ min: 1, max: 255 })
const oAuth2 = z.object({
  sub: name255,
  emailAddress: z.optional(email),
  name: z.optional(name255),
  username: z.optional(name255),
})
const linkedAccount = union({
  email: z.object({ emailAddress: email }),
  sms: z.object({ phoneNumber: text({ min: 3, max: 16, pattern: '\\+[1-9]\\d{1,14}' }) }),
  developerJwt: z.object({
    kid: text({ min: 1, max: 255, pattern: '[a-zA-Z0-9_-]{1,255}' }),
    sub: name255,
  }),
  oAuth2: union({ google: oAuth2, apple: oAuth2, x: oAuth2, telegram: oAuth2, github: oAuth2 }),
})
const amount = z.object({ value: text(), currency: z.enum(['USD']) })

export const CreatePaymentInstrumentInput = z.object({
  ...caller,
  paymentConnectorId,
  paymentInstrumentType: z.enum(['EMBEDDED_CRYPTO_WALLET']),
  paymentInstrumentDetails: union({
    embeddedCryptoWallet: z.object({
      network: z.enum(['ETHEREUM', 'SOLANA']),
      linkedAccounts: list(linkedAccount, 0, 1),
      walletAddress: z.optional(text()),
      redirectUrl: z.optional(text({ max: 2048 })),
    }),
  }),
  clientToken,
})

export const GetPaymentInstrumentInput = z.object({
  ...caller,
  paymentInstrumentId,
  paymentConnectorId: z.optional(paymentConnectorId),
})

export const GetPaymentInstrumentBalanceInput = z.object({
  ...caller,
  paymentConnectorId,
  paymentInstrumentId,
  chain: z.enum(['BASE', 'BASE_SEPOLIA', 'ETHEREUM', 'SOLANA', 'SOLANA_DEVNET']),
  token: z.enum(['USDC']),
})

export const ListPaymentInstrumentsInput = z.object({
  ...caller,
  ...page,
  paymentConnectorId: z.optional(paymentConnectorId),
})

export const DeletePaymentInstrumentInput = z.object({
  paymentManagerArn,
  userId,
  paymentConnectorId,
  paymentInstrumentId,
})

export const CreatePaymentSessionInput = z.object({
  ...caller,
  limits: z.optional(z.object({ maxSpendAmount: amount })),
  expiryTimeInMinutes: integer(15, 480),
  clientToken,
})

export const GetPaymentSessionInput = z.object({ ...caller, paymentSessionId })

export const ListPaymentSessionsInput = z.object({ ...caller, ...page })

export const DeletePaymentSessionInput = z.object({ paymentManagerArn, userId, paymentSessionId })

const atomicUnits = text({ min: 1, max: 78, pattern: '[0-9]+' })

export const ProcessPaymentInput = z.object({
  ...caller,
  paymentSessionId,
  paymentInstrumentId,
  paymentType: z.enum(['CRYPTO_X402', 'MPP']),
  paymentInput: union({
    cryptoX402: z.object({
      version: text(),
      payload: z.record(z.string(), z.unknown()),
      permit2AllowanceLimit: z.optional(atomicUnits),
    }),
    mpp: z.object({
      version: text(),
      wwwAuthenticateHeaders: list(text(), 1, 1),
      buyerPaysGasFees: z.optional(z.boolean()),
    }),
  }),
  clientToken,
  // The service takes the connector from the instrument. It knows no such member.
  paymentConnectorId: z.optional(z.never()),
})
