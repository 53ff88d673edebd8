import { mkdir, readdir, symlink } from 'node:fs/promises'
import path from 'node:path'
import { run } from '../../support/built.js'
import { CLI } from './local-command.js'

/** The environment of what is not ours: coverage means nothing there. */
export function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const env = { ...process.env, ...more }
  delete env['NODE_V8_COVERAGE']
  return env
}

/**
 * Packs the package, makes a seller of it with `init --install`, and so tests what npm resolves. If npm cannot reach its
 * registry, packages of this repository take the place of those of npm, and the reason is printed.
 *
 * @returns the folder of the seller, and what the command printed.
 */
export async function installedSeller(
  place: string,
): Promise<{ folder: string; printed: string | undefined }> {
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', place]
  const [packed] = JSON.parse((await run('npm', pack)).stdout) as { filename: string }[]
  const tarball = path.join(place, packed?.filename ?? '')
  const init = [CLI, 'init', 'shop', '--package', tarball, '--install']
  const folder = path.join(place, 'shop')
  const env = environment({ npm_config_prefer_offline: 'true', npm_config_ignore_scripts: 'true' })
  const { stdout, error } = await run(process.execPath, init, { cwd: place, env }).then(
    (ran) => ({ ...ran, error: '' }),
    (failed: unknown) => ({ stdout: undefined, error: (failed as { stderr: string }).stderr }),
  )
  if (stdout !== undefined) return { folder, printed: stdout }
  if (!error.includes('npm cannot reach its registry')) throw new Error(error)
  console.warn('init --install could not be tried: npm cannot reach its registry')
  await linkPackages(folder, tarball)
  return { folder, printed: undefined }
}

/** Puts the packages of this repository into a folder, and ours from its tarball. */
async function linkPackages(folder: string, tarball: string): Promise<void> {
  const modules = path.join(folder, 'node_modules')
  await mkdir(path.join(modules, '@aws-sdk'), { recursive: true })
  for (const name of await readdir('node_modules')) {
    if (!['@aws-sdk', '.package-lock.json', 'agentcore-x402'].includes(name)) {
      await symlink(path.resolve('node_modules', name), path.join(modules, name))
    }
  }
  const sdk = '@aws-sdk/client-secrets-manager'
  await symlink(path.resolve('examples/deploy/node_modules', sdk), path.join(modules, sdk))
  await run('tar', ['-xzf', tarball, '-C', folder])
  await symlink('../package', path.join(modules, 'agentcore-x402'))
}
