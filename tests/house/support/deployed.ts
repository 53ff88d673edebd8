import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { run } from '../../support/built.js'
import { readYaml, without, type Resource, type Template } from './cloudformation.js'

export const DEPLOY = path.resolve('examples/deploy')

/** For children that run nothing of dist/: their coverage would only be slow. */
export const withoutCoverage = without(process.env, ['NODE_V8_COVERAGE'])

export type Kind = 'CDK' | 'SAM'
export type StackName = 'decorator' | 'interceptor'

/** What examples/deploy would deploy. */
export interface Deployed {
  template(kind: Kind, name: StackName): Template
  /** The CDK templates, synthesised with another context. */
  synthesise(context: Record<string, string>): Promise<Record<StackName, Template>>
}

/** Synthesises the CDK app from a bundle in `folder`, and reads the SAM templates. */
export async function deployed(folder: string, context: Record<string, string>): Promise<Deployed> {
  const sam = {
    decorator: readYaml(samFile('decorator')),
    interceptor: readYaml(samFile('interceptor')),
  }
  const cdk = await synthesise(folder, context)
  return {
    template: (kind, name) => (kind === 'CDK' ? cdk : sam)[name],
    synthesise: (another) => synthesise(folder, another),
  }
}

/**
 * Bundles the Lambdas and the CDK app, as `npm run build` in examples/deploy does, but into a folder of
 * its own, below examples/deploy so that the app finds its packages. Whoever asked for it removes it.
 */
export async function bundled(): Promise<string> {
  const cache = path.join(DEPLOY, '.cache')
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(path.join(cache, 'bundle-'))
  await run(process.execPath, ['build.mjs', folder], { cwd: DEPLOY, env: withoutCoverage })
  return folder
}

export function samFile(name: string): string {
  return path.join(DEPLOY, `template-${name}.yaml`)
}

/** Runs the app with the variables that CDK's command line tool sets. */
async function synthesise(
  bundle: string,
  context: Record<string, string>,
): Promise<Record<StackName, Template>> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'agentcore-x402-cdk-'))
  const env = { ...withoutCoverage, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify(context) }
  const read = async (stack: string) =>
    JSON.parse(await readFile(path.join(folder, `${stack}.template.json`), 'utf8')) as Template
  try {
    await run(process.execPath, [path.join(bundle, 'cdk/app.mjs')], { env })
    return {
      decorator: await read('DecoratorStack'),
      interceptor: await read('InterceptorStack'),
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

export function resourcesOf({ Resources }: Template, type: string): [string, Resource][] {
  return Object.entries(Resources).filter(([, { Type }]) => Type === type)
}

/** @throws where there is no such resource, or not exactly one of them. */
export function propertiesOf(template: Template, type: string): Record<string, unknown> {
  const [first, ...rest] = resourcesOf(template, type)
  if (first === undefined || rest.length > 0) throw new Error(`not exactly one ${type}`)
  return first[1].Properties
}
