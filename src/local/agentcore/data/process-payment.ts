import { randomUUID } from 'node:crypto'
import type { infer as Infer } from 'zod/mini'
import { invalid, refused } from '../world/aws-error.js'
import type { ProcessPaymentInput } from './data-plane-shapes.js'
import { instrumentOf } from './instruments.js'
import { lookUp } from '../world/lifecycle.js'
import { dollarsOf } from '../world/money.js'
import { ownerOf, type Owner } from '../world/owner.js'
import type { Purchase } from './purchase.js'
import { isExpired, sessionOf, spend } from './sessions.js'
import { readExact } from './sign-exact.js'
import { readMpp } from './sign-mpp.js'
import { iso, type Call, type Instrument, type Session, type World } from '../world/world.js'

type Input = Infer<typeof ProcessPaymentInput>

/**
 * Signs a payment, within the limit of its session.
 *
 * Clients tell the errors apart by the words of their messages, as AWS's own client does. So the words
 * matter.
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_ProcessPayment.html
 */
export async function processPayment(world: World, call: Call, input: Input) {
  const owner = ownerOf(world, call, input, refused)
  const session = openSession(world, owner, input.paymentSessionId)
  const instrument = activeInstrument(world, owner, input.paymentInstrumentId)
  const purchase = read(world, input)
  const { wallet } = instrument
  if (wallet.sign === undefined) {
    throw refused(`The wallet of payment instrument ${instrument.id} is on another network`)
  }
  const nowMs = world.now()
  const giveBack = spend(session, dollarsOf(purchase.units, purchase.token.decimals), nowMs)
  try {
    const paymentOutput = await purchase.prove(wallet, nowMs)
    return {
      processPaymentId: randomUUID(),
      paymentManagerArn: owner.manager.arn,
      paymentSessionId: session.id,
      paymentInstrumentId: instrument.id,
      paymentType: input.paymentType,
      status: 'PROOF_GENERATED',
      paymentOutput,
      createdAt: iso(nowMs),
      updatedAt: iso(nowMs),
    }
  } catch (error) {
    giveBack()
    throw error
  }
}

function openSession(world: World, owner: Owner, id: string): Session {
  const session = sessionOf(world, owner, id)
  if (session === undefined) throw refused(`Payment session not found: ${id}`)
  if (isExpired(session, world.now())) throw refused(`Payment session ${id} has expired`)
  return session
}

function activeInstrument(world: World, owner: Owner, id: string): Instrument {
  const instrument = instrumentOf(world, owner, id)
  if (instrument === undefined) throw refused(`Payment instrument not found: ${id}`)
  if (instrument.status !== 'ACTIVE') {
    throw refused(`Payment instrument ${id} is inactive: it is ${instrument.status}`)
  }
  if (lookUp(world.connectors, instrument.connectorId, world.now()) !== undefined) return instrument
  throw refused(`Payment instrument ${id} is inactive: its payment connector was deleted`)
}

function read({ tokens, now }: World, { paymentType, paymentInput }: Input): Purchase {
  const { cryptoX402, mpp } = paymentInput
  if (paymentType === 'CRYPTO_X402' && cryptoX402 !== undefined) {
    return readExact(tokens, cryptoX402)
  }
  if (paymentType === 'MPP' && mpp !== undefined) return readMpp(tokens, mpp, now())
  const member = paymentType === 'MPP' ? 'mpp' : 'cryptoX402'
  const message = `Member must have ${member} where paymentType is ${paymentType}`
  throw invalid([{ name: 'paymentInput', message }])
}
