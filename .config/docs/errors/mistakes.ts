import type { MistakeCode } from '../../../src/errors/mistake.js'
import type { Text } from './text.js'

const OF_THE_BUYER = 'Nothing to do, unless the buyer is yours.'

/** What each mistake is that the log explains. A new one does not compile without a text. */
export const MISTAKES: Readonly<Record<MistakeCode, Text>> = {
  plan_not_found: {
    cause: 'The plan does not exist where the key belongs.',
    cure: 'Copy `planId` from the Nevermined app, or take a key of the environment of the plan.',
  },
  agent_not_found: {
    cause: 'The agent does not exist where the key belongs.',
    cure: 'Copy `agentId` from the Nevermined app, or take a key of the environment of the agent.',
  },
  agent_without_plan: {
    cause: 'The agent is not sold by the plan.',
    cure: 'Add the plan to the agent in the Nevermined app, or leave `agentId` out.',
  },
  key_refused: {
    cause: 'The API key is revoked, has ended, was cut off, or is of a local stack that is gone.',
    cure: 'Copy the key again, or make a new one.',
  },
  key_of_other_environment: {
    cause: 'The prefix of the API key is of another environment than the backend.',
    cure: 'Take a key of the backend, or leave `backendUrl` and `NVM_BACKEND_URL` out.',
  },
  backend_unreachable: {
    cause:
      'The API of Nevermined cannot be reached: its name, its port, its certificate or its time.',
    cure: 'The log has the URL and what Node says. Check the network of the function, and proxies.',
  },
  backend_not_nevermined: {
    cause: 'Something else answered than the API: a page, a redirect, a proxy or a firewall.',
    cure: 'Check `backendUrl`, and what answers there.',
  },
  facilitator_unreachable: {
    cause: 'A facilitator cannot be reached: its name, its port, its certificate or its time.',
    cure: 'The log has the URL and what Node says. Check the network of the function, and proxies.',
  },
  facilitator_not_x402: {
    cause: 'Something else answered than a facilitator: a page, a redirect, a proxy or a firewall.',
    cure: 'Check `url` of the facilitator and its path, e.g. `https://x402.org/facilitator`.',
  },
  facilitator_key_refused: {
    cause: 'The facilitator wants to know who asks, or does not take the headers.',
    cure: 'Check `createAuthHeaders`, its key, and that each path has its own headers.',
  },
  kind_not_supported: {
    cause:
      'No facilitator serves the scheme on the network that is sold. The log lists what they serve.',
    cure: 'Change `network` or `scheme`, or take another facilitator.',
  },
  http_library_missing: {
    cause: 'The HTTP library cannot be loaded: a bundle in ESM lacks its banner.',
    cure: 'Bundle as [deploying](deploying.md) says.',
  },
  clock_off: {
    cause:
      'The clock of the machine differs from that of the backend or the facilitator by a minute or more.',
    cure: 'Set the clock. In tests, give seller and local stack the same `now`.',
  },
  payment_unreadable: {
    cause:
      'A buyer sent something else as its payment. The log says what it looks like: e.g. a JWT, an API key, a text in quotes, or a token that is cut off.',
    cure: `${OF_THE_BUYER} Then let it send the whole payment, and nothing else.`,
  },
  payment_in_wrong_place: {
    cause:
      'A buyer sent a payment where it is not read, e.g. in `X-PAYMENT` for a plan, in `Authorization`, or among the arguments.',
    cure: 'The log says where it was, and where it belongs. `tokenHeader` lets you read more headers.',
  },
  challenge_sent_back: {
    cause: 'A buyer sent the challenge or a receipt back, and no payment.',
    cure: `${OF_THE_BUYER} Then let a payer make the payment.`,
  },
  payment_for_another_offer: {
    cause: 'A buyer pays for another plan, environment, kind of payment or address than you sell.',
    cure: 'The log says both. Compare plan, keys and `endpoint` of seller and buyer.',
  },
}

interface OptionText extends Text {
  /** The option, or several. */
  readonly option: string
}

/** Options that people get wrong, with the beginning of what the error says. */
export const WRONG_OPTIONS: readonly OptionText[] = [
  {
    option: '`nvmApiKey`',
    cause:
      'It is missing, is cut off, or looks like something else: e.g. an ARN, JSON, or a placeholder that was not replaced.',
    cure: 'Give the key as the Nevermined app shows it. If it is in a secret, read the secret first.',
  },
  {
    option: '`environment`, `backendUrl`, `NVM_ENVIRONMENT`, `NVM_BACKEND_URL`',
    cause: 'Key, environment and address contradict each other.',
    cure: 'Keep the key, and leave the other options out.',
  },
  {
    option: '`planId`',
    cause: 'A key or a token was given in its place. Buyers would see it.',
    cure: 'Give the id of the plan, a long decimal number.',
  },
  {
    option: '`payTo`',
    cause:
      'It is no address of the network, nobody owns it, or it is the token itself. A private key is not shown.',
    cure: 'Give your address on `network`. Copy it with its capitals: they are a checksum.',
  },
]
