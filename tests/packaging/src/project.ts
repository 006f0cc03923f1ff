/** A fresh Vite project in `target/packaging`, with the packed tarball as its only dependency beside Vite. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, type Running, repository, start } from '@echolite/test-support';

const execute = promisify(execFile);
const TARBALL = repository('target/npm/echolite.tgz');

const WITH_PLUGIN = `import { echolite } from 'echolite/vite';
export default { plugins: [echolite()] };
`;
const WITH_ALIASES = `import { echolite } from 'echolite/vite';
export default { plugins: [echolite({ alias: true })], build: { rollupOptions: { input: 'stock.html' } } };
`;
const WITHOUT_PLUGIN = 'export default {};\n';

export class Project {
  readonly vite: number;
  readonly folder: string;

  private constructor(vite: number) {
    this.vite = vite;
    this.folder = repository('target/packaging', `vite-${vite}`);
  }

  /** Makes it, or takes the one of the last run; installs what changed. */
  static async make(vite: number): Promise<Project> {
    const project = new Project(vite);
    await mkdir(project.folder, { recursive: true });
    await cp(repository('tests/packaging/template'), project.folder, { recursive: true });
    await project.#installVite();
    await project.#installEcholite();
    return project;
  }

  async #installVite(): Promise<void> {
    const installed = await readFile(join(this.folder, 'node_modules/vite/package.json'), 'utf8').catch(
      () => '{}',
    );
    if (String(JSON.parse(installed).version).startsWith(`${this.vite}.`)) return;
    const manifest = { name: `vite-${this.vite}`, private: true, type: 'module' };
    await writeFile(join(this.folder, 'package.json'), JSON.stringify(manifest));
    const options = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error', '--prefer-offline'];
    await execute('npm', ['install', ...options, `vite@${this.vite}`], { cwd: this.folder });
  }

  /** By hand: npm takes a tarball of the same version for the same. The package has no dependencies. */
  async #installEcholite(): Promise<void> {
    const hash = createHash('sha256')
      .update(await readFile(TARBALL))
      .digest('hex');
    const stamp = join(this.folder, 'installed');
    if ((await readFile(stamp, 'utf8').catch(() => '')) === hash) return;
    const target = join(this.folder, 'node_modules/echolite');
    await rm(target, { recursive: true, force: true });
    await rm(join(this.folder, 'node_modules/.vite'), { recursive: true, force: true });
    await mkdir(target, { recursive: true });
    await execute('tar', ['-xzf', TARBALL, '--strip-components=1', '-C', target]);
    await writeFile(stamp, hash);
  }

  async configure(plugin: boolean | 'aliases'): Promise<void> {
    await rm(join(this.folder, 'node_modules/.vite'), { recursive: true, force: true });
    const config = plugin === 'aliases' ? WITH_ALIASES : plugin ? WITH_PLUGIN : WITHOUT_PLUGIN;
    await writeFile(join(this.folder, 'vite.config.js'), config);
  }

  async build(): Promise<void> {
    await execute(this.#program(), ['build', '--logLevel', 'warn'], { cwd: this.folder });
  }

  /** Builds the module for servers and runs it in Node, whose resolution knows neither aliases nor this folder's packages. */
  async render(): Promise<string> {
    await execute(
      this.#program(),
      ['build', '--ssr', 'server.js', '--outDir', 'server', '--logLevel', 'warn'],
      {
        cwd: this.folder,
      },
    );
    const script = "const { render } = await import('./server/server.js'); console.log(render());";
    const { stdout } = await execute(process.execPath, ['--input-type=module', '-e', script], {
      cwd: this.folder,
      timeout: 30_000,
    });
    return stdout.trim();
  }

  /** Starts `vite` or `vite preview`, and gives the page's address. */
  async serve(how: 'dev' | 'preview'): Promise<Running & { url: string }> {
    const port = await freePort();
    const options = ['--host', '127.0.0.1', '--port', String(port), '--strictPort'];
    const running = await start(this.#program(), {
      arguments: [how, ...options],
      cwd: this.folder,
      port,
    });
    return { ...running, url: `http://127.0.0.1:${port}/` };
  }

  #program(): string {
    return join(this.folder, 'node_modules/.bin/vite');
  }
}
