import type { Text } from './text.js'

const CONFIG = 'Check the key, its environment, the plan and the agent.'
const OPERATOR = 'Ask Nevermined, with the correlation id. Do not repeat it.'
const TOKEN = 'The buyer mints another token.'
const DELEGATION = 'The buyer makes another delegation.'
const METHOD = 'The buyer adds another payment method.'
const CARD = 'The buyer looks at the card, or pays with another one.'

interface NeverminedText extends Text {
  /** The status that it comes with. Left out where there are several. */
  readonly status?: number
  /** Whether money moved, where the code itself does not say. */
  readonly moved?: string
}

const BY_STATUS = 'not with 4xx, perhaps with 5xx'

/** Nevermined's codes. */
export const NEVERMINED_CODES: Readonly<Record<string, NeverminedText>> = {
  'BCK.X402.0001': { status: 404, cause: 'The agent does not exist.', cure: CONFIG },
  'BCK.X402.0002': { status: 404, cause: 'The plan does not exist.', cure: CONFIG },
  'BCK.X402.0003': {
    status: 400,
    cause: 'The plan is not linked to the agent.',
    cure: 'Link them in the Nevermined app.',
  },
  'BCK.X402.0005': {
    status: 402,
    cause: 'The token is invalid, expired or forged.',
    cure: TOKEN,
  },
  'BCK.X402.0006': {
    status: 500,
    moved: 'no: a verify moves nothing',
    cause: 'Nevermined failed to verify, usually for a moment.',
    cure: 'Nothing to do: a verify is repeated once.',
  },
  'BCK.X402.0007': {
    status: 500,
    cause: 'The order of a pay-as-you-go plan failed.',
    cure: 'The buyer looks at the funds.',
  },
  'BCK.X402.0008': {
    status: 500,
    cause: 'The order of credits on the chain failed: the wallet holds too little.',
    cure: 'The buyer funds the wallet.',
  },
  'BCK.X402.0009': {
    status: 500,
    cause: 'The card was declined, or redeeming failed.',
    cure: OPERATOR,
  },
  'BCK.X402.0010': { status: 400, cause: 'The token is malformed.', cure: TOKEN },
  'BCK.X402.0011': {
    status: 404,
    cause: 'The payer has no profile at Nevermined.',
    cure: 'The buyer signs in to the Nevermined app once.',
  },
  'BCK.X402.0012': {
    status: 400,
    cause: 'An agent is given without a resource URL.',
    cure: 'Give `endpoint` together with `agentId`.',
  },
  'BCK.X402.0013': {
    status: 400,
    cause: 'The token was minted for another resource, method or plan.',
    cure: 'Keep `endpoint` and the path the same. The buyer mints for the newest challenge.',
  },
  'BCK.X402.0014': {
    status: 400,
    cause: 'The delegation is bound to another plan.',
    cure: DELEGATION,
  },
  'BCK.X402.0015': {
    status: 404,
    cause: 'The permission does not exist.',
    cure: TOKEN,
  },
  'BCK.X402.0016': {
    status: 400,
    cause: 'The permission is revoked already.',
    cure: TOKEN,
  },
  'BCK.X402.0017': {
    status: 500,
    cause: 'The card was charged, and the credits were not minted.',
    cure: OPERATOR,
  },
  'BCK.X402.0018': { status: 500, cause: 'An amount in cents is bad.', cure: CONFIG },
  'BCK.X402.0019': { status: 402, cause: 'The delegation does not exist.', cure: DELEGATION },
  'BCK.X402.0020': { status: 402, cause: 'The delegation is revoked.', cure: DELEGATION },
  'BCK.X402.0021': { status: 402, cause: 'The delegation is expired.', cure: DELEGATION },
  'BCK.X402.0022': {
    status: 402,
    cause: 'The budget of the delegation is spent.',
    cure: DELEGATION,
  },
  'BCK.X402.0023': {
    status: 402,
    cause: 'The budget of the delegation is too small for this order.',
    cure: DELEGATION,
  },
  'BCK.X402.0024': { status: 402, cause: 'There is no active permission.', cure: TOKEN },
  'BCK.X402.0025': { status: 402, cause: 'The permission is revoked.', cure: TOKEN },
  'BCK.X402.0026': { status: 402, cause: 'The permission is expired.', cure: TOKEN },
  'BCK.X402.0027': { status: 402, cause: 'The payment method cannot be used.', cure: METHOD },
  'BCK.X402.0028': { status: 402, cause: 'The payment method is revoked.', cure: METHOD },
  'BCK.X402.0029': {
    status: 402,
    cause: 'The API key may not use the payment method.',
    cure: 'The buyer allows the key, or takes another one.',
  },
  'BCK.X402.0030': {
    status: 402,
    cause: 'Something that minting needs is missing.',
    cure: 'The buyer gives the delegation again.',
  },
  'BCK.X402.0034': {
    status: 402,
    cause: 'The scheme or currency is not supported.',
    cure: 'The buyer pays another entry of `accepts`.',
  },
  'BCK.X402.0035': {
    status: 402,
    cause: 'The token has no session keys.',
    cure: TOKEN,
  },
  'BCK.X402.0036': { status: 402, cause: 'The delegation cannot be used.', cure: DELEGATION },
  'BCK.X402.0037 to BCK.X402.0047': {
    moved: BY_STATUS,
    cause: 'The provider of the card refused or failed.',
    cure: CARD,
  },
  'BCK.X402.0048': {
    status: 502,
    cause: 'The provider of the card gave no answer.',
    cure: OPERATOR,
  },
  'BCK.X402.0049': { status: 402, cause: 'The card was declined.', cure: CARD },
  'BCK.X402.0050': {
    status: 400,
    cause: 'The currency has no token on this network.',
    cure: 'Choose another currency or network for the plan.',
  },
  'BCK.X402.0051': {
    status: 503,
    cause: 'The chain cannot be reached for a moment.',
    cure: 'Nothing to do: the call is repeated.',
  },
  'BCK.X402.0052': {
    status: 503,
    cause: 'The wallet cannot be set up for a moment.',
    cure: 'Nothing to do: the call is repeated.',
  },
  'BCK.X402.0053': {
    status: 404,
    cause: 'The wallet does not exist any more.',
    cure: 'The buyer takes another wallet.',
  },
  'BCK.X402.0054': {
    status: 402,
    cause: 'A limit of the access to the account is reached.',
    cure: 'The buyer raises the limit.',
  },
  'BCK.X402.0055': {
    status: 402,
    cause: 'A limit of the access to the account is reached.',
    cure: 'The buyer raises the limit.',
  },
  'BCK.X402.0056': { status: 500, cause: 'Nevermined failed inside.', cure: OPERATOR },
  'BCK.X402.0059': {
    status: 402,
    cause: 'The single-use token is used. By which call, the code does not say.',
    cure: 'The buyer looks at the balance before paying again.',
  },
  'BCK.MPP.0001': {
    status: 400,
    cause: 'The plan is paid by card. MPP serves plans that are paid on chain.',
    cure: 'Sell the plan by x402.',
  },
  'BCK.MPP.0003': {
    status: 402,
    cause: 'The credential of MPP was rejected. The code does not say why.',
    cure: 'The buyer looks at the balance, and asks for a new challenge.',
  },
  'BCK.MPP.0004': {
    status: 402,
    cause: 'The challenge of MPP has expired.',
    cure: 'The buyer asks for a new challenge.',
  },
  'BCK.MPP.0005': {
    status: 402,
    cause: 'The body of the request is another one than was challenged.',
    cure: 'The buyer asks for a new challenge, with the body that is sent.',
  },
  'BCK.CREDITS.0002': {
    status: 400,
    cause: 'An amount to redeem is not above 0.',
    cure: 'Check what a call of the plan costs.',
  },
  'BCK.CREDITS.0003': {
    status: 402,
    cause: 'The payer holds too few credits.',
    cure: 'The buyer orders the plan, or pays from a delegation.',
  },
  'BCK.AUTH.0002': { status: 401, cause: 'The API key is missing.', cure: CONFIG },
  'BCK.AUTH.0015': { status: 401, cause: 'The caller is not let in.', cure: CONFIG },
  'BCK.APIKEY.0004': { status: 401, cause: 'The API key is invalid.', cure: CONFIG },
  'BCK.APIKEY.0017': {
    status: 409,
    cause: 'There is a conflict about the API key.',
    cure: 'Repeat the call later.',
  },
  'BCK.PROTOCOL.0003': { status: 404, cause: 'The plan does not exist.', cure: CONFIG },
  'BCK.PROTOCOL.0004': { status: 404, cause: 'The agent does not exist.', cure: CONFIG },
  'BCK.VERSION.0001': {
    status: 400,
    cause: 'Nevermined does not know the version of its API that we speak.',
    cure: 'Update this package.',
  },
  'BCK.HTTP.<status>': {
    moved: BY_STATUS,
    cause: 'The API failed or refused before it came to the payment.',
    cure: 'Look the status up [below](#http-statuses).',
  },
  'BCK.COMMON.0026': {
    status: 400,
    cause: 'A large number was not sent as text.',
    cure: 'Update this package.',
  },
}
