import {
  createTestClient,
  createWalletClient,
  defineChain,
  http,
  nonceManager,
  parseAbi,
  parseAbiItem,
  publicActions,
  type Address,
  type Hex,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { USDC_CODE } from '../../../src/local/x402/usdc-code.js'
import { receiptOf } from '../../../src/local/chain/receipt.js'
import { startAnvil } from './anvil.js'

/** An EIP-3009 token, and what a seller says of it. */
export interface Token {
  network: `eip155:${number}`
  asset: Address
  name: string
  version: string
  decimals: number
}

/** Money that moved. */
export interface Transfer {
  asset: Address
  from: Address
  to: Address
  value: bigint
  transaction: Hex
}

/** A local chain with the id of Base Sepolia, and a token on it. */
export interface Chain {
  rpcUrl: string
  chainId: number
  network: Token['network']
  token: Token
  /** Another token of the same code. */
  deployToken: () => Promise<Token>
  mint: (to: Address, amount: bigint, asset?: Address) => Promise<void>
  balanceOf: (owner: Address, asset?: Address) => Promise<bigint>
  /** Whether an authorization was redeemed. */
  used: (authorizer: Address, nonce: Hex) => Promise<boolean>
  /** Transfers of all tokens, in their order. */
  transfers: () => Promise<Transfer[]>
  /** A new account that can pay for gas. Its transactions may be sent in parallel. */
  operator: () => Promise<Operator>
  close: () => Promise<void>
}

export type Operator = ReturnType<typeof operatorAt>

/** The id of Base Sepolia, which x402 v1 knows by name. */
const CHAIN_ID = 84_532
const NETWORK = `eip155:${CHAIN_ID}` as const
export const TOKEN_ABI = parseAbi([
  'function mint(address to, uint256 amount)',
  'function balanceOf(address owner) view returns (uint256)',
  'function authorizationState(address authorizer, bytes32 nonce) view returns (bool)',
  'function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, bytes signature)',
])
const TRANSFER = parseAbiItem(
  'event Transfer(address indexed from, address indexed to, uint256 value)',
)
const GAS = 10n ** 20n

/** Starts a chain; `undefined` where its binary does not start. */
export async function startChain(): Promise<Chain | undefined> {
  const anvil = await startAnvil(CHAIN_ID)
  if (anvil === undefined) return undefined
  const { rpcUrl } = anvil
  const minter = await newOperator(rpcUrl)
  const token = await deploy(minter)
  return {
    rpcUrl,
    chainId: CHAIN_ID,
    network: NETWORK,
    token,
    deployToken: () => deploy(minter),
    operator: () => newOperator(rpcUrl),
    ...tokenCalls(minter, token),
    close: () => anvil.close(),
  }
}

/** Why tests that need a chain are skipped. */
export function noChain(): string {
  const here = `${process.platform} ${process.arch}`
  return `no anvil starts on ${here}: put one on the PATH, see https://getfoundry.sh`
}

function tokenCalls(
  minter: Operator,
  token: Token,
): Pick<Chain, 'mint' | 'balanceOf' | 'used' | 'transfers'> {
  const on = (asset = token.asset) => ({ address: asset, abi: TOKEN_ABI })
  return {
    async mint(to, amount, asset) {
      const hash = await minter.writeContract({
        ...on(asset),
        functionName: 'mint',
        args: [to, amount],
      })
      await minter.waitForTransactionReceipt({ hash })
    },
    balanceOf: (owner, asset) =>
      minter.readContract({ ...on(asset), functionName: 'balanceOf', args: [owner] }),
    used: (authorizer, nonce) =>
      minter.readContract({
        ...on(),
        functionName: 'authorizationState',
        args: [authorizer, nonce],
      }),
    async transfers() {
      const logs = await minter.getLogs({ event: TRANSFER, fromBlock: 0n, strict: true })
      return logs.map(({ address, args, transactionHash }) => ({
        asset: address,
        ...args,
        transaction: transactionHash,
      }))
    },
  }
}

async function deploy(minter: Operator): Promise<Token> {
  const hash = await minter.deployContract({ abi: TOKEN_ABI, bytecode: USDC_CODE })
  const { contractAddress } = await minter.waitForTransactionReceipt({ hash })
  if (!contractAddress) throw new Error('the token was not deployed')
  return { network: NETWORK, asset: contractAddress, name: 'USDC', version: '2', decimals: 6 }
}

async function newOperator(rpcUrl: string): Promise<Operator> {
  const operator = operatorAt(rpcUrl)
  const { address } = operator.account
  const test = createTestClient({ mode: 'anvil', transport: http(rpcUrl) })
  await test.setBalance({ address, value: GAS })
  // Viem's nonce manager forgets that it gave out nonce 0, and gives it to the next in parallel.
  await test.setNonce({ address, nonce: 1 })
  return operator
}

function operatorAt(rpcUrl: string) {
  return createWalletClient({
    account: privateKeyToAccount(generatePrivateKey(), { nonceManager }),
    chain: defineChain({
      id: CHAIN_ID,
      name: 'local',
      nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
      rpcUrls: { default: { http: [rpcUrl] } },
    }),
    transport: http(rpcUrl),
  })
    .extend(publicActions)
    .extend((client) => ({
      waitForTransactionReceipt: ({ hash }: { hash: Hex }) => receiptOf(client, hash),
    }))
}
