import { loadClients } from '../chain/viem.js'
import type { Anvil } from './anvil.js'
import { CHAIN_ID, FACILITATOR, USDC } from '../chain/asset.js'
import { receiptOf } from '../chain/receipt.js'
import type { Bank, Claim, Moved } from './bank.js'
import { createQueue } from './queue.js'
import { USDC_CODE } from './usdc-code.js'

/**
 * A chain with a token in the place of USDC. It serves `exact` only, since it has neither Permit2 nor the
 * contracts of `upto`.
 *
 * @throws ViemMissing
 */
export async function createChainBank(anvil: Anvil): Promise<Bank> {
  const client = await connect(anvil.rpcUrl)
  await putToken(client)
  const token = await tokenOf(client)
  // One call waits for the other. So money that was just made is there, and no two transactions have the same
  // nonce.
  const inTurn = createQueue()
  return {
    settlesOn: 'chain',
    rpcUrl: anvil.rpcUrl,
    schemes: ['exact'],
    balanceOf: (address) => inTurn(() => token.balanceOf(address)),
    fund: (address, units) => inTurn(() => token.mint(address, units)),
    isUsed: ({ payer, nonce }) => token.isUsed(payer, nonce),
    move: (claim, units) => inTurn(() => token.move(claim, units)),
    close: () => anvil.close(),
  }
}

type Client = Awaited<ReturnType<typeof connect>>

/** Connects to the chain. Nothing is signed here: the chain holds the keys of its first accounts. */
async function connect(rpcUrl: string) {
  const { createTestClient, defineChain, http, publicActions, walletActions } = await loadClients()
  return createTestClient({
    mode: 'anvil',
    account: FACILITATOR,
    chain: defineChain({
      id: CHAIN_ID,
      name: 'local',
      nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
      rpcUrls: { default: { http: [rpcUrl] } },
    }),
    transport: http(rpcUrl),
    pollingInterval: 10,
  })
    .extend(publicActions)
    .extend(walletActions)
}

/**
 * Puts the token at the address of the real one. Its constructor computes values from that address. So it
 * runs there twice: once to store them, once for the code that it returns.
 */
async function putToken(client: Client): Promise<void> {
  const { address } = USDC
  await client.setCode({ address, bytecode: USDC_CODE })
  const hash = await client.sendTransaction({ to: address, gas: GAS })
  await receiptOf(client, hash)
  const { data: bytecode } = await client.call({ to: address })
  if (bytecode === undefined) throw new Error('the token was not deployed')
  await client.setCode({ address, bytecode })
}

/** The gas of a transaction. It is enough for a transfer, so nothing has to be estimated. */
const GAS = 1_000_000n

const ABI = [
  'function mint(address to, uint256 amount)',
  'function balanceOf(address owner) view returns (uint256)',
  'function authorizationState(address authorizer, bytes32 nonce) view returns (bool)',
  'function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, bytes signature)',
  'event Transfer(address indexed from, address indexed to, uint256 value)',
] as const

async function tokenOf(client: Client) {
  const { parseAbi } = await loadClients()
  const contract = { address: USDC.address, abi: parseAbi(ABI) } as const
  return {
    balanceOf: (owner: string) =>
      client.readContract({ ...contract, functionName: 'balanceOf', args: [owner as Hex] }),
    isUsed: (payer: Hex, nonce: string) =>
      client.readContract({
        ...contract,
        functionName: 'authorizationState',
        args: [payer, nonce as Hex],
      }),
    async mint(to: string, units: bigint): Promise<void> {
      const args = [to as Hex, units] as const
      const hash = await client.writeContract({ ...contract, functionName: 'mint', args, gas: GAS })
      await receiptOf(client, hash)
    },
    async move(claim: Claim, units: bigint): Promise<Moved> {
      const { payer, payTo, validAfter, validBefore, nonce, signature } = claim
      const transaction = await client.writeContract({
        ...contract,
        functionName: 'transferWithAuthorization',
        args: [payer, payTo, units, validAfter, validBefore, nonce as Hex, signature],
        gas: GAS,
      })
      const failure = await failureOf(client, transaction, { ...claim, units })
      return { transaction, ...(failure !== undefined && { failure }) }
    },
  }
}

type Hex = `0x${string}`

/**
 * Why a transfer failed. The receipt alone says only that nothing was reverted, so the event is looked at
 * too.
 */
async function failureOf(
  client: Client,
  hash: Hex,
  { payer, payTo, units }: Claim,
): Promise<string | undefined> {
  const { parseAbi, parseEventLogs } = await loadClients()
  const { status, logs } = await receiptOf(client, hash)
  if (status !== 'success') return 'invalid_exact_evm_transaction_failed'
  const hasMoved = parseEventLogs({ abi: parseAbi(ABI), eventName: 'Transfer', logs }).some(
    ({ address, args: { from, to, value } }) =>
      address.toLowerCase() === USDC.address.toLowerCase() &&
      from.toLowerCase() === payer &&
      to.toLowerCase() === payTo &&
      value === units,
  )
  return hasMoved ? undefined : 'invalid_exact_evm_transfer_event_mismatch'
}
