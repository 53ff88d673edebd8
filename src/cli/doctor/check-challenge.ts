import { addressProblem } from '../../seller/options/money/addresses.js'
import { knownAsset } from '../../seller/options/money/assets.js'
import { moneyText } from '../../local/lines/prices.js'
import type { Challenge, Requirement } from '../../wire/x402-challenge.js'
import { shortPlan } from '../output/short-plan.js'
import { type Finding, findingsOf } from './finding.js'

const { ok, warn, fail } = findingsOf('challenge')

/** Checks what a challenge asks for, as buyers read it. @param called what was called */
export function checkChallenge({ accepts, resource }: Challenge, called: string): Finding[] {
  const offers = accepts.flatMap(checkOffer)
  return [...offers, ...checkResource(resource.url, called)]
}

function checkOffer(offer: Requirement): Finding[] {
  const { scheme, network, planId, amount, asset, payTo } = offer
  if (typeof planId === 'string')
    return [ok(`it asks for credits of the plan ${shortPlan(planId)}`)]
  const price = `${scheme}: ${moneyText(String(amount), asset, network)} on ${network}`
  const wrong = [
    ...wrongAmount(price, amount),
    ...wrongNetwork(price, network),
    ...wrongAddress('payTo', payTo, network),
    ...wrongAddress('asset', asset, network),
    ...unsignable(price, offer),
  ]
  const isTest = TEST_NETWORKS.has(network)
  if (wrong.length > 0 || !isTest) return wrong.length > 0 ? wrong : [ok(`it asks for ${price}`)]
  return [
    warn(
      `it asks for ${price}, a test network`,
      'Money there is worth nothing. Change network before you go live.',
    ),
  ]
}

function wrongAmount(price: string, amount: string | null | undefined): Finding[] {
  if (typeof amount === 'string' && /^[1-9]\d{0,77}$/.test(amount)) return []
  const cure = 'Write amount as a text of digits in atomic units: $0.01 in USDC is "10000".'
  return [fail(`${price}: its amount is ${JSON.stringify(amount ?? 'missing')}`, cure)]
}

function wrongNetwork(price: string, network: string): Finding[] {
  if (/^[-a-z0-9]{3,8}:[-\w]{1,32}$/.test(network)) return []
  return [
    fail(`${price}: the network is not named as CAIP-2 names it`, 'Write it as in eip155:8453.'),
  ]
}

function wrongAddress(name: 'payTo' | 'asset', address: unknown, network: string): Finding[] {
  const problem = addressProblem(address, network)
  return problem === undefined
    ? []
    : [fail(`${name}: ${problem}`, 'Mend the price: buyers refuse it, or the money is lost.')]
}

/** Buyers sign for the name and version of a token. They know those of USDC. */
function unsignable(price: string, { scheme, network, asset, extra }: Requirement): Finding[] {
  if (scheme !== 'exact' || !network.startsWith('eip155:')) return []
  if (extra?.['assetTransferMethod'] === 'permit2' || typeof extra?.['name'] === 'string') return []
  const known = typeof asset === 'string' && knownAsset(network, asset) !== undefined
  const cure =
    'Set extra.name and extra.version to those of the token, as its EIP-712 domain has them.'
  return [
    known
      ? warn(`${price}: extra has no name and version of the token`, cure)
      : fail(
          `${price}: nobody can sign it, since extra has no name and version of the token`,
          cure,
        ),
  ]
}

const TEST_NETWORKS = new Set([
  'eip155:84532',
  'eip155:11155111',
  'eip155:421614',
  'eip155:80002',
  'eip155:43113',
  'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
])

/** Buyers compare the resource with what they called. */
function checkResource(resource: string, called: string): Finding[] {
  if (resource === called) return []
  const what = `resource.url is ${shownResource(resource)}, and ${called} was called`
  return [warn(what, 'Set the option endpoint to the public URL. Some buyers refuse another one.')]
}

function shownResource(resource: string): string {
  return resource.length > 200 ? `${resource.slice(0, 200)}…` : resource
}
