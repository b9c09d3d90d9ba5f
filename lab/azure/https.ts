import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";

export interface HttpsServer {
  url: string;
  close(): Promise<void>;
}

/** Listens on loopback. Azure's clients send a token over nothing else. */
export function listenHttps(tls: { key: string; cert: string }, handler: RequestListener): Promise<HttpsServer> {
  const server = createServer({ key: tls.key, cert: tls.cert }, handler);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      resolve({
        url: `https://localhost:${(server.address() as AddressInfo).port}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}
