import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { sendJson } from '../http/send-json.js'
import type { AwsFault } from './world/aws-error.js'

/** The header with the id of an answer. */
export function requestId(): Record<string, string> {
  return { 'x-amzn-requestid': randomUUID() }
}

/**
 * Sends an error in AWS's REST-JSON protocol: its name in a header, its members in the body.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
 */
export function sendFault(response: ServerResponse, fault: AwsFault): void {
  const { name, status, message, members } = fault
  const headers = { ...requestId(), 'x-amzn-errortype': name }
  sendJson(response, status, headers, { message, ...members })
}
