import http from 'node:http'
import type { AddressInfo } from 'node:net'

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:'

/** Secrets of the deployed functions, by their whole ARNs. */
export const KEY_ARN = `${ARN}nvm-api-key-AbCdEf`
export const PAYMENTS_ARN = `${ARN}x402-payments-AbCdEf`

/** A server that answers as AWS Secrets Manager does. */
export interface SecretsManager {
  endpoint: string
  close: () => Promise<void>
}

/** @param secrets the values by ARN. */
export async function startSecretsManager(
  secrets: Record<string, string>,
): Promise<SecretsManager> {
  const server = http.createServer((request, response) => {
    answer(secrets, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: () => new Promise((done) => void server.close(() => done())),
  }
}

async function answer(
  secrets: Record<string, string>,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  const isGet = request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue'
  const { SecretId } = JSON.parse(body) as { SecretId: string }
  const value = isGet ? secrets[SecretId] : undefined
  response.writeHead(value === undefined ? 400 : 200, {
    'content-type': 'application/x-amz-json-1.1',
  })
  response.end(
    JSON.stringify(
      value === undefined
        ? { __type: 'ResourceNotFoundException', message: 'no such secret' }
        : { ARN: SecretId, SecretString: `${value}\n` },
    ),
  )
}
