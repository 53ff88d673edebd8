import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { test } from '@jest/globals'

const execute = promisify(execFile)

/** What AWS's SDK needs to sign. The machine's own settings are left out. */
const ENVIRONMENT = {
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  AWS_ACCESS_KEY_ID: 'any',
  AWS_SECRET_ACCESS_KEY: 'any',
  AWS_DEFAULT_REGION: 'eu-central-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
}

/**
 * Runs Python.
 *
 * @returns the JSON that it prints
 * @throws with `stderr` if it fails
 */
export async function python(program: string, ...args: string[]): Promise<unknown> {
  const options = { env: ENVIRONMENT, timeout: 60_000, maxBuffer: 16 * 1024 * 1024 }
  const { stdout } = await execute('python3', ['-c', program, ...args], options)
  return JSON.parse(stdout)
}

const PROBE = `
import boto3, botocore.loaders
names = botocore.loaders.Loader().load_service_model('bedrock-agentcore', 'service-2')['operations']
print('true' if 'ProcessPayment' in names else 'false')`

/** Why boto3 cannot be used here; `undefined` if it can. */
async function whyNot(): Promise<string | undefined> {
  try {
    return (await python(PROBE)) === true ? undefined : 'its boto3 does not know ProcessPayment'
  } catch {
    return 'python3 cannot import boto3'
  }
}

const reason = await whyNot()
if (reason !== undefined) process.stderr.write(`tests with boto3: skipped, ${reason}\n`)

/** A test that needs boto3. Without boto3 it is skipped, and the reason is printed. */
export const testWithBoto3 = reason === undefined ? test : test.skip
