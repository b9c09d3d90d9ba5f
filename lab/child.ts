/** What every child process of the lab does first: its title for `ps`, its configuration, and dying with the world. */
export function childConfig<Config>(title: (config: Config) => string): Config {
  const text = process.argv[2];
  if (!text) throw new Error("This is a child process of the lab's world; `npm start` starts it.");
  const config = JSON.parse(text) as Config;
  process.title = title(config);
  // The world is gone: nothing of it may stay behind. A reaper process covers those who cannot notice.
  process.on("disconnect", () => process.exit(0));
  // A signal to the terminal's process group is the world's to handle.
  process.on("SIGINT", () => {});
  return config;
}

export function tellWorld(message: object): void {
  if (process.connected) process.send?.(message);
}
