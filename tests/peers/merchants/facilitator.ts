import { x402Facilitator } from '@x402/core/facilitator'
import type { FacilitatorClient } from '@x402/core/server'
import type { SettleResponse } from '@x402/core/types'
import { toFacilitatorEvmSigner } from '@x402/evm'
import { ExactEvmScheme } from '@x402/evm/exact/facilitator'
import { ExactEvmSchemeV1 } from '@x402/evm/exact/v1/facilitator'
import type { Abi, VerifyTypedDataParameters } from 'viem'
import type { Chain, Operator } from '../chain/chain.js'

export interface Facilitator extends FacilitatorClient {
  /** What it answered to every settle, in that order. */
  settlements: SettleResponse[]
}

/**
 * Without an estimate: a transfer that is going to revert is mined as well and takes its nonce, or those
 * sent after it in parallel would wait for it.
 */
const GAS = 500_000n

/**
 * The facilitator of `@x402/core` for `exact` of both versions, in this process, with an account of its own.
 *
 * @param estimates whether it asks the chain before it sends, and hears there why a transfer would revert
 */
export async function startFacilitator(
  chain: Chain,
  { estimates = false } = {},
): Promise<Facilitator> {
  const signer = signerOf(await chain.operator(), estimates ? {} : { gas: GAS })
  const facilitator = new x402Facilitator()
    .register(chain.network, new ExactEvmScheme(signer))
    .registerV1('base-sepolia' as Chain['network'], new ExactEvmSchemeV1(signer))
  const settlements: SettleResponse[] = []
  return {
    settlements,
    verify: (payload, requirements) => facilitator.verify(payload, requirements),
    async settle(payload, requirements) {
      const settled = await facilitator.settle(payload, requirements)
      settlements.push(settled)
      return settled
    },
    getSupported: async () =>
      facilitator.getSupported() as Awaited<ReturnType<FacilitatorClient['getSupported']>>,
  }
}

/** Viem's generic signatures, as the plain ones the facilitator calls. */
function signerOf(operator: Operator, limit: { gas?: bigint }) {
  return toFacilitatorEvmSigner({
    address: operator.account.address,
    readContract: (call) => operator.readContract({ ...call, abi: call.abi as Abi }),
    verifyTypedData: (data) => operator.verifyTypedData(data as VerifyTypedDataParameters),
    writeContract: (call) => operator.writeContract({ ...limit, ...call, abi: call.abi as Abi }),
    sendTransaction: (transaction) => operator.sendTransaction(transaction),
    waitForTransactionReceipt: (transaction) => operator.waitForTransactionReceipt(transaction),
    getCode: (account) => operator.getCode(account),
  })
}
