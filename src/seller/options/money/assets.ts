/**
 * The dollar of a chain: its USDC with EIP-3009, and the EIP-712 domain that buyers sign under.
 *
 * @see https://developers.circle.com/stablecoins/usdc-contract-addresses
 */
export interface KnownAsset {
  readonly asset: string
  readonly name: string
  readonly version: string
  readonly decimals: number
}

const USDC = 'USD Coin'

const DOLLARS: Readonly<Record<string, KnownAsset>> = {
  'eip155:8453': usdc('0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913', USDC),
  'eip155:84532': usdc('0x036CbD53842c5426634e7929541eC2318f3dCF7e', 'USDC'),
  'eip155:1': usdc('0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48', USDC),
  'eip155:137': usdc('0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359', USDC),
  'eip155:42161': usdc('0xaf88d065e77c8cC2239327C5EDb3A432268e5831', USDC),
  'eip155:421614': usdc('0x75faf114eafb1BDbe2F0316DF893fd58CE46AA4d', USDC),
  'eip155:43114': usdc('0xB97EF9Ef8734C71904D8002F8b6Bc66Dd9c48a6E', USDC),
}

/** The token that `$` means on a network; `undefined` if no such token is known here. */
export function dollarOf(network: string): KnownAsset | undefined {
  return Object.hasOwn(DOLLARS, network) ? DOLLARS[network] : undefined
}

/** A known asset by its address, in upper or lower case. */
export function knownAsset(network: string, asset: string): KnownAsset | undefined {
  const known = dollarOf(network)
  return known?.asset.toLowerCase() === asset.toLowerCase() ? known : undefined
}

/** @returns the atomic units of e.g. `0.01`, or `undefined` if it is no decimal with that many places. */
export function toAtomic(decimal: string, decimals: number): bigint | undefined {
  const [, whole = '', places = ''] = /^(0|[1-9]\d{0,30})(?:\.(\d{1,30}))?$/.exec(decimal) ?? []
  if (whole === '' || places.length > decimals) return undefined
  return BigInt(whole + places.padEnd(decimals, '0'))
}

/** Atomic units as a decimal, e.g. `0.01`. */
export function toDecimal(units: string, decimals: number): string {
  const padded = units.padStart(decimals + 1, '0')
  const places = padded.slice(-decimals).replace(/0+$/, '')
  return `${padded.slice(0, -decimals)}${places === '' ? '' : `.${places}`}`
}

function usdc(asset: string, name: string): KnownAsset {
  return { asset, name, version: '2', decimals: 6 }
}
