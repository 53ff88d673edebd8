import type {
  CreatePaymentConnectorRequest,
  PaymentProviderConfigurationOutput,
} from '@aws-sdk/client-bedrock-agentcore-control'
import { isAbsent } from '../aws/aws-failures.js'
import {
  iteratePaymentConnectors,
  lookUpPaymentConnector,
  removePaymentConnector,
  requestPaymentConnector,
} from './control-connectors.js'
import type { CreatePaymentManagerOptions } from './control-manager-options.js'
import {
  iteratePaymentManagers,
  lookUpPaymentManager,
  removePaymentManager,
  requestPaymentManager,
} from './control-managers.js'
import type { ControlPlane } from '../aws/control-plane.js'
import {
  deletePaymentCredentialProvider,
  getPaymentCredentialProvider,
  type CredentialProviderDetails,
} from './credential-providers.js'
import { newOutcome } from '../aws/outcome.js'
import type { Step } from './rollback.js'
import { isKeptIn, type VendorCredentials } from './vendor-credentials.js'

/** The resources that a manager with connector needs, and how to find and delete them again. */

/** How long one call of a rollback may take. Unit: ms. */
const CALL_TIMEOUT_MS = 30_000
const ONE_CALL = { timeoutMs: CALL_TIMEOUT_MS }

/**
 * How far the clock here may differ from AWS's. Beyond this, AWS refuses signatures. Unit: ms.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
const MAX_SKEW_MS = 300_000

/** Whether a resource of the right name can be the one that was just asked for, and no older one. */
function isSince(startedAtMs: number, createdAt: Date | undefined): boolean {
  return createdAt === undefined || createdAt.getTime() >= startedAtMs - MAX_SKEW_MS
}

/**
 * The step that makes a credential provider. AWS takes no client token for it. A provider is ours if it was
 * not there before the call, is there after it, and has the same vendor's keys.
 */
export function providerStep(
  plane: ControlPlane,
  given: { name: string } & VendorCredentials,
  startedAtMs: number,
): Step {
  const { name, credentialProviderVendor: vendor } = given
  let output: PaymentProviderConfigurationOutput | undefined
  const step: Step = {
    resource: 'credentialProvider',
    name,
    id: undefined,
    outcome: newOutcome(),
    isThere: async () => (await lookUpProvider(plane, name)) !== undefined,
    find: async () => {
      const found = step.wasThere === true ? undefined : await lookUpProvider(plane, name)
      if (found?.credentialProviderVendor !== vendor) return []
      output = found.providerConfigurationOutput
      return isSince(startedAtMs, found.createdTime) ? [name] : []
    },
    own: () => {
      const isOurs = step.wasThere === false && isKeptIn(output, given)
      return Promise.resolve(isOurs ? name : undefined)
    },
    remove: (_id, _clientToken, outcome) =>
      deletePaymentCredentialProvider(plane, { name }, { ...ONE_CALL, outcome }),
  }
  return step
}

async function lookUpProvider(
  plane: ControlPlane,
  name: string,
): Promise<CredentialProviderDetails | undefined> {
  try {
    return await getPaymentCredentialProvider(plane, { name }, ONE_CALL)
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

/**
 * The step that makes a manager. The same call with the same client token makes nothing new, and answers with
 * what it made before. If somebody else has a manager of that name, AWS answers with a ConflictException.
 *
 * @param input with a client token
 */
export function managerStep(
  plane: ControlPlane,
  input: CreatePaymentManagerOptions & { clientToken: string },
  startedAtMs: number,
): Step {
  const { name = '', roleArn } = input
  return {
    resource: 'paymentManager',
    name,
    id: undefined,
    outcome: newOutcome(),
    find: async () => {
      const ids: string[] = []
      for await (const one of iteratePaymentManagers(plane, {}, ONE_CALL)) {
        const isIt = one.name === name && one.roleArn === roleArn && one.status !== 'DELETING'
        if (isIt && isSince(startedAtMs, one.createdAt)) ids.push(one.paymentManagerId)
      }
      return ids
    },
    own: async () => (await requestPaymentManager(plane, input, ONE_CALL)).paymentManagerId,
    remove: (paymentManagerId, clientToken, outcome) =>
      removePaymentManager(plane, { paymentManagerId, clientToken }, { ...ONE_CALL, outcome }),
    look: (paymentManagerId) => lookUpPaymentManager(plane, paymentManagerId, ONE_CALL),
  }
}

/** The step that makes a connector. Everything under a manager that was just made is ours. */
export function connectorStep(
  plane: ControlPlane,
  input: CreatePaymentConnectorRequest & { clientToken: string },
): Step {
  const { name = '', paymentManagerId } = input
  return {
    resource: 'paymentConnector',
    name,
    id: undefined,
    outcome: newOutcome(),
    find: async () => {
      const ids: string[] = []
      for await (const one of iteratePaymentConnectors(plane, { paymentManagerId }, ONE_CALL)) {
        if (one.name === name) ids.push(one.paymentConnectorId)
      }
      return ids
    },
    own: async () => (await requestPaymentConnector(plane, input, ONE_CALL)).paymentConnectorId,
    remove: (paymentConnectorId, clientToken, outcome) => {
      const one = { paymentManagerId, paymentConnectorId, clientToken }
      return removePaymentConnector(plane, one, { ...ONE_CALL, outcome })
    },
    look: (paymentConnectorId) =>
      lookUpPaymentConnector(plane, { paymentManagerId, paymentConnectorId }, ONE_CALL),
  }
}
