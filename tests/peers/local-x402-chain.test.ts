import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { createPublicClient, createTestClient, http, parseAbi, walletActions } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { receiptOf } from '../../src/local/chain/receipt.js'
import { startLocal, type Local } from '../../src/local/index.js'
import { paymentUser } from '../support/payment-user.js'
import { built } from '../support/built.js'
import { inSeconds } from '../support/clock.js'
import { ask, exactBody, fundedAccount } from '../seller/money/support/x402-payments.js'
import { ANVIL } from './chain/anvil.js'
import { newAddress } from './merchants/merchant.js'
import { officialPayment, requirementsOf, type Kind } from './buyers/official-buyer.js'
import { closing, onChain } from './chain/on-chain.js'

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

const USDC = '0x036CbD53842c5426634e7929541eC2318f3dCF7e'
const ABI = parseAbi([
  'function balanceOf(address owner) view returns (uint256)',
  'function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, bytes signature)',
])
const anvilPath = ANVIL ?? 'anvil'

/** What the chain itself says. */
function chainOf({ x402 }: Local) {
  const transport = http(x402.rpcUrl)
  const client = createPublicClient({ transport })
  return {
    client,
    balanceOf: (owner: string) =>
      client.readContract({
        address: USDC,
        abi: ABI,
        functionName: 'balanceOf',
        args: [owner as `0x${string}`],
      }),
  }
}

async function answersOf(rpcUrl: string): Promise<boolean> {
  return createPublicClient({ transport: http(rpcUrl, { retryCount: 0 }) })
    .getChainId()
    .then(
      () => true,
      () => false,
    )
}

await onChain('the local facilitator on a chain', () => {
  const open = closing()
  const stack = () => open(startLocal({ x402: { chain: true, anvilPath } }))

  /** A buyer with a dollar, and a seller. */
  async function scene(local: Local, funds = 1_000_000n) {
    const account = privateKeyToAccount(generatePrivateKey())
    await local.x402.fund(account.address, funds)
    const payTo = newAddress()
    const payment = async (kind: Kind = 'exact', amount = '2500') => {
      const paymentRequirements = await requirementsOf(kind, local.x402, payTo, amount)
      const paymentPayload = await officialPayment(account, paymentRequirements)
      return { x402Version: paymentPayload.x402Version, paymentPayload, paymentRequirements }
    }
    return { payer: account.address, payTo, payment }
  }

  test('it says so, and offers what it can settle', async () => {
    const { x402 } = await stack()
    expect(x402.settlesOn).toBe('chain')
    expect(await chainOf({ x402 } as Local).client.getChainId()).toBe(84_532)
    const { kinds } = (await (await fetch(`${x402.url}/supported`)).json()) as { kinds: unknown }
    expect(kinds).toEqual([
      { x402Version: 2, scheme: 'exact', network: 'eip155:84532' },
      { x402Version: 1, scheme: 'exact', network: 'base-sepolia' },
    ])
  })

  test('its token passes for USDC of Base Sepolia', async () => {
    const { client } = chainOf(await stack())
    const abi = parseAbi([
      'function name() view returns (string)',
      'function version() view returns (string)',
      'function decimals() view returns (uint8)',
      'function DOMAIN_SEPARATOR() view returns (bytes32)',
    ])
    const read = (functionName: 'name' | 'version' | 'decimals' | 'DOMAIN_SEPARATOR') =>
      client.readContract({ address: USDC, abi, functionName })
    expect(await Promise.all([read('name'), read('version'), read('decimals')])).toEqual([
      ...['USDC', '2', 6],
    ])
    // The separator of the real USDC on Base Sepolia.
    const separator = '0x71f17a3b2ff373b803d70a5a07c046c1a2bc8e89c09ef722fcb047abe94c9818'
    expect(await read('DOMAIN_SEPARATOR')).toBe(separator)
  })

  test.each(['exact', 'exact of v1'] as const)(
    '%s: balances on the chain move by the price, in the transaction that is named',
    async (kind) => {
      const local = await stack()
      const { balanceOf, client } = chainOf(local)
      const { payer, payTo, payment } = await scene(local)
      const body = await payment(kind)
      const verified = await ask(local, 'verify', body)
      expect(verified).toEqual({ status: 200, body: { isValid: true, payer } })
      expect(await balanceOf(payer)).toBe(1_000_000n)
      const { body: settled } = await ask(local, 'settle', body)
      expect(settled).toMatchObject({ success: true, payer, amount: '2500' })
      expect([await balanceOf(payer), await balanceOf(payTo)]).toEqual([997_500n, 2_500n])
      expect(await local.x402.balanceOf(payer)).toBe(997_500n)
      const hash = settled['transaction'] as `0x${string}`
      expect(await client.getTransactionReceipt({ hash })).toMatchObject({ status: 'success' })
    },
  )

  test('upto is refused, as the chain has none of its contracts', async () => {
    const local = await stack()
    const { payment } = await scene(local)
    const { paymentPayload, paymentRequirements } = await payment()
    const body = {
      x402Version: 2,
      paymentPayload,
      paymentRequirements: { ...paymentRequirements, scheme: 'upto' },
    }
    expect((await ask(local, 'settle', body)).body['errorReason']).toBe('unsupported_scheme')
  })

  test('a payment is settled once, however often at once', async () => {
    const local = await stack()
    const { balanceOf } = chainOf(local)
    const { payTo, payment } = await scene(local)
    const body = await payment()
    const answers = await Promise.all([1, 2, 3].map(() => ask(local, 'settle', body)))
    answers.push(await ask(local, 'settle', body))
    const reasons = answers.map((answer) => answer.body['errorReason'])
    const used = 'invalid_exact_evm_nonce_already_used'
    expect(reasons.filter((reason) => reason === used)).toHaveLength(3)
    expect(reasons.filter((reason) => reason === undefined)).toHaveLength(1)
    expect((await ask(local, 'verify', body)).body['invalidReason']).toBe(used)
    expect(await balanceOf(payTo)).toBe(2_500n)
  })

  test('payments of one payer at once all succeed, as far as the money goes', async () => {
    const local = await stack()
    const { balanceOf } = chainOf(local)
    const { payer, payTo, payment } = await scene(local, 26_000n)
    const bodies = await Promise.all(Array.from({ length: 12 }, () => payment()))
    const answers = await Promise.all(bodies.map((body) => ask(local, 'settle', body)))
    const settled = answers.filter((answer) => answer.body['success'] === true)
    expect(settled).toHaveLength(10)
    expect(new Set(settled.map((answer) => answer.body['transaction'])).size).toBe(10)
    expect([await balanceOf(payer), await balanceOf(payTo)]).toEqual([1_000n, 25_000n])
  })

  test('what somebody else submitted counts as used', async () => {
    const local = await stack()
    const { payTo, payment } = await scene(local)
    const body = await payment()
    const { signature, authorization } = body.paymentPayload.payload as {
      signature: `0x${string}`
      authorization: Record<'from' | 'to' | 'nonce', `0x${string}`> &
        Record<'value' | 'validAfter' | 'validBefore', string>
    }
    const { from, to, value, validAfter, validBefore, nonce } = authorization
    const stranger = createTestClient({
      mode: 'anvil',
      account: '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC',
      transport: http(local.x402.rpcUrl),
    }).extend(walletActions)
    const hash = await stranger.writeContract({
      address: USDC,
      abi: ABI,
      functionName: 'transferWithAuthorization',
      args: [from, to, BigInt(value), BigInt(validAfter), BigInt(validBefore), nonce, signature],
      chain: null,
    })
    await receiptOf(chainOf(local).client, hash)
    const { body: settled } = await ask(local, 'settle', body)
    expect(settled['errorReason']).toBe('invalid_exact_evm_nonce_already_used')
    expect(await local.x402.balanceOf(payTo)).toBe(2_500n)
  })

  test('a transaction that the chain reverts is a refusal that names it', async () => {
    const past = 1_700_000_000_000 // what is still good then has expired for the chain
    const x402 = { chain: true, anvilPath }
    const local = await open(startLocal({ x402, now: () => past }))
    const account = await fundedAccount(local)
    const body = await exactBody(local, account, { validBefore: inSeconds(60, past) })
    const { body: settled } = await ask(local, 'settle', body)
    expect(settled).toMatchObject({
      success: false,
      errorReason: 'invalid_exact_evm_transaction_failed',
    })
    const hash = settled['transaction'] as `0x${string}`
    const { client } = chainOf(local)
    expect(await client.getTransactionReceipt({ hash })).toMatchObject({ status: 'reverted' })
  })

  test('a transaction that says nothing of a transfer is no settlement', async () => {
    const local = await stack()
    const body = await exactBody(local, await fundedAccount(local), { amount: '0' })
    const test = createTestClient({ mode: 'anvil', transport: http(local.x402.rpcUrl) })
    await test.setCode({ address: USDC, bytecode: '0x60206000f3' }) // answers all with zero
    const { body: settled } = await ask(local, 'settle', body)
    expect(settled).toMatchObject({
      success: false,
      errorReason: 'invalid_exact_evm_transfer_event_mismatch',
    })
    expect(local.x402.settlements).toEqual([])
  })

  test('a pending settlement is found again under its transaction', async () => {
    const local = await stack()
    const { payTo, payment } = await scene(local)
    local.x402.faults.set({ kind: 'pending' })
    const body = await payment()
    const { body: pending } = await ask(local, 'settle', body)
    expect(pending['errorReason']).toBe('settlement_pending')
    const { body: settled } = await ask(local, 'settle', body)
    expect(settled).toMatchObject({ success: true, transaction: pending['transaction'] })
    expect(await chainOf(local).balanceOf(payTo)).toBe(2_500n)
  })

  test('a wallet of the AgentCore payments service has its money on the chain', async () => {
    const local = await stack()
    const { paymentsService: service } = local
    const { manager, ids, paymentConnectorId, address } = await paymentUser(local)
    const { paymentInstrumentId } = ids
    service.fund(paymentInstrumentId, 5n)
    const { tokenBalance } = await manager.getPaymentInstrumentBalance({
      paymentConnectorId,
      paymentInstrumentId,
      chain: 'BASE_SEPOLIA',
      token: 'USDC',
    })
    expect(tokenBalance).toMatchObject({ amount: '10000005' })
    expect(await chainOf(local).balanceOf(address)).toBe(10_000_005n)
  })

  test('the chain ends with the stack', async () => {
    const local = await startLocal({ x402: { chain: true, anvilPath } })
    const { rpcUrl = '' } = local.x402
    expect(await answersOf(rpcUrl)).toBe(true)
    await local.close()
    expect(await answersOf(rpcUrl)).toBe(false)
  })

  test('a stack that does not start leaves no chain behind', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'agentcore-x402-anvil-'))
    const pidFile = path.join(folder, 'pid')
    const wrapper = path.join(folder, 'anvil')
    await writeFile(wrapper, `#!/bin/sh\necho $$ > '${pidFile}'\nexec '${anvilPath}' "$@"\n`)
    await chmod(wrapper, 0o755)
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const started = startLocal({ port, x402: { chain: true, anvilPath: wrapper } })
    await expect(started).rejects.toMatchObject({ code: 'EADDRINUSE' })
    server.close()
    const pid = Number(await readFile(pidFile, 'utf8'))
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    await rm(folder, { recursive: true })
  })

  test('the command line settles on a chain where there is one, which dies with it', async () => {
    await built()
    const PATH = `${path.dirname(path.resolve(anvilPath))}:${process.env['PATH']}`
    const child = spawn(
      process.execPath,
      [path.resolve('dist/cli.js'), 'local', '--no-folder', '--port', '0'],
      {
        env: { ...process.env, PATH },
      },
    )
    let text = ''
    for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
      text += String(chunk)
      if (text.includes('PAYMENT_CONNECTOR_ID')) break
    }
    const rpcUrl = /on a chain of this machine: (http:\S+)/.exec(text)?.[1] ?? ''
    expect(await answersOf(rpcUrl)).toBe(true)
    child.kill('SIGKILL')
    await once(child, 'exit')
    while (await answersOf(rpcUrl)) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(text).toContain("X402_BUYER_ADDRESS='0x70997970C51812dc3A010C7d01b50e0d17dc79C8'")
  }, 60_000)
})
