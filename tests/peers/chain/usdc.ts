import { randomBytes } from 'node:crypto'
import {
  createTestClient,
  http,
  publicActions,
  type Address,
  type Hex,
  type PrivateKeyAccount,
} from 'viem'
import { USDC_CODE } from '../../../src/local/x402/usdc-code.js'
import { TRANSFER_TYPES } from '../../support/eip3009.js'
import { TOKEN_ABI, type Chain, type Token } from './chain.js'

/** Where the real one is on Base Sepolia. */
const ADDRESS = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'
const GAS = 1_000_000n

/**
 * Puts a token at the address of USDC, so that a price in dollars means it and buyers who take known tokens
 * only take it. Its constructor runs there, since what it computes depends on its address.
 */
export async function usdcOn({ rpcUrl, network, operator }: Chain): Promise<Token> {
  const client = createTestClient({ mode: 'anvil', transport: http(rpcUrl) }).extend(publicActions)
  const deployer = await operator()
  await client.setCode({ address: ADDRESS, bytecode: USDC_CODE })
  const hash = await deployer.sendTransaction({ to: ADDRESS, gas: GAS })
  await deployer.waitForTransactionReceipt({ hash })
  const { data: bytecode } = await client.call({ to: ADDRESS })
  if (bytecode === undefined) throw new Error('the token was not deployed')
  await client.setCode({ address: ADDRESS, bytecode })
  return { network, asset: ADDRESS, name: 'USDC', version: '2', decimals: 6 }
}

/** What is signed, as x402 has it; or what is yet to sign. */
export interface Transfer {
  signature?: Hex
  authorization?: Authorization
  to?: Address
  value?: bigint
  nonce?: Hex | undefined
}

interface Authorization {
  from: Address
  to: Address
  value: string
  validAfter: string
  validBefore: string
  nonce: Hex
}

/** A stranger sends in a transfer, which its payer signs unless that is done. */
export async function redeem(
  chain: Chain,
  token: Token,
  payer: PrivateKeyAccount,
  transfer: Transfer,
): Promise<void> {
  const { signature, authorization } = await signed(chain, token, payer, transfer)
  const { from, to, value, validAfter, validBefore, nonce } = authorization
  const stranger = await chain.operator()
  const hash = await stranger.writeContract({
    address: token.asset,
    abi: TOKEN_ABI,
    functionName: 'transferWithAuthorization',
    args: [from, to, BigInt(value), BigInt(validAfter), BigInt(validBefore), nonce, signature],
  })
  const { status } = await stranger.waitForTransactionReceipt({ hash })
  if (status !== 'success') throw new Error('the transfer was reverted')
}

async function signed(
  { chainId }: Chain,
  { asset: verifyingContract, name, version }: Token,
  payer: PrivateKeyAccount,
  { signature, authorization, to = payer.address, value = 0n, nonce = randomNonce() }: Transfer,
): Promise<{ signature: Hex; authorization: Authorization }> {
  if (signature !== undefined && authorization !== undefined) return { signature, authorization }
  // By the clock of the machine, which is the chain's.
  const validBefore = BigInt(Math.floor(Date.now() / 1000) + 600)
  const message = { from: payer.address, to, value, validAfter: 0n, validBefore, nonce }
  const own = await payer.signTypedData({
    domain: { name, version, chainId, verifyingContract },
    types: TRANSFER_TYPES,
    primaryType: 'TransferWithAuthorization',
    message,
  })
  const texts = { value: `${value}`, validAfter: '0', validBefore: `${validBefore}` }
  return { signature: own, authorization: { ...message, ...texts } }
}

function randomNonce(): Hex {
  return `0x${randomBytes(32).toString('hex')}`
}
