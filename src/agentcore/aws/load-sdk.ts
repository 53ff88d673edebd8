import type * as Control from '@aws-sdk/client-bedrock-agentcore-control'
import type * as Data from '@aws-sdk/client-bedrock-agentcore'
import { notLoaded } from '../../errors/not-loaded.js'
import { PaymentError } from '../../errors/payment-error.js'
import { withNames } from '../../lazy.js'

/** The modules of AWS's SDK: the data plane and the control plane. */
export type DataSdk = typeof Data
export type ControlSdk = typeof Control

const DATA = '@aws-sdk/client-bedrock-agentcore'
const CONTROL = '@aws-sdk/client-bedrock-agentcore-control'

/** @throws PaymentError with code `sdk_missing` if `@aws-sdk/client-bedrock-agentcore` is not installed. */
export function loadDataSdk(): Promise<DataSdk> {
  return loaded(import('@aws-sdk/client-bedrock-agentcore'), DATA)
}

/** @throws PaymentError with code `sdk_missing` if `@aws-sdk/client-bedrock-agentcore-control` is not installed. */
export function loadControlSdk(): Promise<ControlSdk> {
  return loaded(import('@aws-sdk/client-bedrock-agentcore-control'), CONTROL)
}

async function loaded<T extends object>(module: Promise<T>, name: string): Promise<T> {
  try {
    return withNames(await module)
  } catch (cause) {
    throw new PaymentError('sdk_missing', notLoaded(name, cause), { cause })
  }
}
