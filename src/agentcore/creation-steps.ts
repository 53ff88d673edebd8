import type { ControlPlane } from './control-plane.js'
import {
  deletePaymentCredentialProvider,
  getPaymentCredentialProvider,
} from './credential-providers.js'
import { isAbsent } from './aws-failures.js'
import {
  iteratePaymentConnectors,
  lookUpPaymentConnector,
  removePaymentConnector,
} from './control-connectors.js'
import {
  iteratePaymentManagers,
  lookUpPaymentManager,
  removePaymentManager,
} from './control-managers.js'
import type { Step } from './rollback.js'
import type { Vendor } from './vendor-credentials.js'

/** What is made on the way to a manager with connector, and how to find and delete it again. */

/** A rollback must not hang on one call. Unit: ms. */
const CALL_TIMEOUT_MS = 30_000
const ONE_CALL = { timeoutMs: CALL_TIMEOUT_MS }

/**
 * The clock here may differ from AWS's this much: beyond it, signatures are refused. Unit: ms.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
const MAX_SKEW_MS = 300_000

/** Whether something of the right name can be what was asked for just now, and is no older namesake. */
function isSince(startedAtMs: number, createdAt: Date | undefined): boolean {
  return createdAt === undefined || createdAt.getTime() >= startedAtMs - MAX_SKEW_MS
}

export function providerStep(
  plane: ControlPlane,
  { name, vendor }: { name: string; vendor: Vendor },
  startedAtMs: number,
): Step {
  return {
    resource: 'credentialProvider',
    name,
    id: undefined,
    outcome: { mayBeDone: false },
    find: async () => {
      try {
        const found = await getPaymentCredentialProvider(plane, { name }, ONE_CALL)
        const isIt = found.credentialProviderVendor === vendor
        return isIt && isSince(startedAtMs, found.createdTime) ? [name] : []
      } catch (error) {
        if (isAbsent(error)) return []
        throw error
      }
    },
    remove: (_id, _clientToken, outcome) =>
      deletePaymentCredentialProvider(plane, { name }, { ...ONE_CALL, outcome }),
  }
}

export function managerStep(
  plane: ControlPlane,
  { name, roleArn }: { name: string; roleArn: string },
  startedAtMs: number,
): Step {
  return {
    resource: 'paymentManager',
    name,
    id: undefined,
    outcome: { mayBeDone: false },
    find: async () => {
      const ids: string[] = []
      for await (const one of iteratePaymentManagers(plane, {}, ONE_CALL)) {
        const isIt = one.name === name && one.roleArn === roleArn && one.status !== 'DELETING'
        if (isIt && isSince(startedAtMs, one.createdAt)) ids.push(one.paymentManagerId)
      }
      return ids
    },
    remove: (paymentManagerId, clientToken, outcome) =>
      removePaymentManager(plane, { paymentManagerId, clientToken }, { ...ONE_CALL, outcome }),
    look: (paymentManagerId) => lookUpPaymentManager(plane, paymentManagerId, ONE_CALL),
  }
}

/** Under a manager that was made just now, everything is new. */
export function connectorStep(
  plane: ControlPlane,
  { name, paymentManagerId }: { name: string; paymentManagerId: string },
): Step {
  return {
    resource: 'paymentConnector',
    name,
    id: undefined,
    outcome: { mayBeDone: false },
    find: async () => {
      const ids: string[] = []
      for await (const one of iteratePaymentConnectors(plane, { paymentManagerId }, ONE_CALL)) {
        if (one.name === name) ids.push(one.paymentConnectorId)
      }
      return ids
    },
    remove: (paymentConnectorId, clientToken, outcome) => {
      const input = { paymentManagerId, paymentConnectorId, clientToken }
      return removePaymentConnector(plane, input, { ...ONE_CALL, outcome })
    },
    look: (paymentConnectorId) =>
      lookUpPaymentConnector(plane, { paymentManagerId, paymentConnectorId }, ONE_CALL),
  }
}
