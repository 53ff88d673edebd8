import { creditsText } from '../wire/amounts.js'
import { loadUtilities } from './chain/viem.js'
import {
  awsEnvironment,
  buyerEnvironment,
  environment,
  PYTHON_HOSTS,
  sellerEnvironment,
  tableEnvironment,
} from './environment.js'
import type { Local } from './local-stack.js'
import type { LocalTable } from './table/payment-table.js'
import type { Trial } from './trial-of.js'

/** What the user wanted, as far as it is printed. */
export interface BannerChoice {
  /** Whether calls print no lines. */
  isQuiet: boolean
  /** Lines that try what is sold. */
  trial: Trial
  /** Where is sold over plain HTTP. */
  httpUrl: string | undefined
  /** The folder that keeps keys, plan and balances. */
  folder: string | undefined
  /** What is sold, if no option said so. */
  sold: string | undefined
  /** The file that has the variables. They are not printed then. */
  envFile: string | undefined
}

/**
 * The text that the command prints. It shows keys and a token on purpose: they are worthless anywhere else.
 */
export async function banner(local: Local, choice: BannerChoice): Promise<string> {
  const { trial, envFile } = choice
  const exported = (variables: Readonly<Record<string, string>>): string[] =>
    envFile === undefined ? exportLines(variables) : []
  const blocks = [
    welcome(local, choice),
    exported(environment(local)),
    [...(await standard(local)), ...exported(sellerEnvironment(local))],
    [...(await buyer(local)), ...exported(buyerEnvironment(local))],
    [...AWS, ...exported(awsEnvironment(local))],
    ...(local.table === undefined
      ? []
      : [[...payments(local.table), ...exported(tableEnvironment(local))]]),
    [
      `# MCP clients connect to ${local.url}/mcp`,
      ...(choice.httpUrl === undefined ? [] : [`# HTTP clients call ${choice.httpUrl}`]),
    ],
    ...trial.blocks.map((block) => [...block]),
    ...(choice.isQuiet ? [] : [['Every call prints a line here:']]),
  ]
  const texts = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'))
  return `${texts.join('\n\n')}\n`
}

function welcome(local: Local, { folder, envFile, sold }: BannerChoice): string[] {
  const balance = creditsText(local.balance())
  return [
    `Local stack ready. It lives until you press Ctrl+C; the subscriber holds ${balance}.`,
    ...(sold === undefined ? [] : [`It sells ${sold}.`]),
    folder === undefined
      ? 'Keys, plan and balances end with it.'
      : `Keys, plan and balances stay in ${folder}. To begin anew: --reset`,
    `See calls, balances and payments in a browser: ${local.url}/`,
    ...(envFile === undefined ? [] : [`All variables are in ${envFile}.`]),
  ]
}

function exportLines(variables: Readonly<Record<string, string>>): string[] {
  return Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`)
}

async function standard({ x402: { settlesOn, rpcUrl = '' } }: Local): Promise<string[]> {
  const hasViem = await loadUtilities().then(
    () => true,
    () => false,
  )
  const how = {
    chain: `the scheme exact, on a chain of this machine: ${rpcUrl}`,
    ledger: 'the schemes exact and upto, on a ledger and no chain',
  }
  const needed = '# It answers once viem is installed, which checks signatures: npm install viem'
  return [`# Standard x402 sellers settle here: ${how[settlesOn]}`, ...(hasViem ? [] : [needed])]
}

async function buyer({ x402 }: Local): Promise<string[]> {
  const { asset, network } = x402
  const units = await x402.balanceOf(x402.buyer.address)
  const dollars = (Number(units) / 10 ** asset.decimals).toFixed(2)
  return [
    `# This buyer holds $${dollars} of ${asset.symbol} ${asset.address} on ${network},`,
    '# by the test key that anvil publishes: worthless elsewhere, and no place for money',
  ]
}

function payments({ name, region, endpoint }: LocalTable): string[] {
  return [
    '# Payments are kept in a table. To see them:',
    `agentcore-x402 payments list --table ${name} --region ${region} --endpoint-url ${endpoint}`,
  ]
}

const AWS = [
  "# AWS's SDKs find AgentCore payments here, with any credentials.",
  "# AWS's Python library for AgentCore needs a line in your hosts file:",
  `# 127.0.0.1 ${PYTHON_HOSTS.join(' ')}`,
]
