import { optionalInteger } from '../../../checks.js'
import { OptionsError } from '../../../errors/payment-error.js'
import { isRecord } from '../../../wire/json.js'
import { DOLLAR_DECIMALS } from './money.js'

/** A token of which the service signs transfers (EIP-3009). One token is worth one dollar. */
export interface LocalToken {
  /** The network in CAIP-2, e.g. `eip155:84532`. */
  network: string
  /** The address of its contract. */
  asset: string
  /** The name in its EIP-712 domain. */
  name: string
  /** The version in its EIP-712 domain. */
  version: string
  /** How many decimals an amount has: 0 to 18. */
  decimals: number
}

export type Tokens = ReadonlyMap<string, LocalToken>

/**
 * USDC as Circle deploys it: network, contract, and name in the EIP-712 domain.
 *
 * @see https://developers.circle.com/stablecoins/usdc-contract-addresses
 */
const USDC = [
  ['eip155:1', '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48', 'USD Coin'],
  ['eip155:10', '0x0b2C639c533813f4Aa9D7837CAf62653d097Ff85', 'USD Coin'],
  ['eip155:137', '0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359', 'USD Coin'],
  ['eip155:8453', '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913', 'USD Coin'],
  ['eip155:42161', '0xaf88d065e77c8cC2239327C5EDb3A432268e5831', 'USD Coin'],
  ['eip155:43114', '0xB97EF9Ef8734C71904D8002F8b6Bc66Dd9c48a6E', 'USD Coin'],
  ['eip155:43113', '0x5425890298aed601595a70AB815c96711a31Bc65', 'USD Coin'],
  ['eip155:80002', '0x41E94Eb019C0762f9Bfcf9Fb1E58725BfB0e7582', 'USDC'],
  ['eip155:84532', '0x036CbD53842c5426634e7929541eC2318f3dCF7e', 'USDC'],
  ['eip155:11155111', '0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238', 'USDC'],
] as const

/**
 * The well known tokens and those that are given, by network and contract.
 *
 * @throws OptionsError
 */
export function tokenTable(given: readonly LocalToken[]): Tokens {
  checkTokens(given)
  const known = USDC.map(([network, asset, name]) => {
    return { network, asset, name, version: '2', decimals: 6 }
  })
  return new Map([...known, ...given].map((token) => [keyOf(token.network, token.asset), token]))
}

export function findToken(tokens: Tokens, network: string, asset: string): LocalToken | undefined {
  return tokens.get(keyOf(network, asset))
}

function keyOf(network: string, asset: string): string {
  return `${network} ${asset.toLowerCase()}`
}

function checkTokens(tokens: unknown): void {
  if (!Array.isArray(tokens)) throw new OptionsError('tokens', 'expected a list')
  tokens.forEach((token: unknown, i) => checkToken(`tokens[${i}]`, token))
}

function checkToken(option: string, token: unknown): void {
  if (!isRecord(token)) throw new OptionsError(option, 'expected a token')
  const { network, asset, name, version, decimals } = token
  expectText(`${option}.network`, network, /^eip155:\d+$/, 'a network such as eip155:84532')
  expectText(`${option}.asset`, asset, /^0x[\dA-Fa-f]{40}$/, 'the address of a contract')
  expectText(`${option}.name`, name, /./, 'a name')
  expectText(`${option}.version`, version, /./, 'a version, as a string')
  // `null` is no number, so a missing number is refused here.
  optionalInteger(`${option}.decimals`, decimals ?? null, 0, DOLLAR_DECIMALS)
}

function expectText(option: string, given: unknown, pattern: RegExp, what: string): void {
  if (typeof given === 'string' && pattern.test(given)) return
  throw new OptionsError(option, `expected ${what}`)
}
