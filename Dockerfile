# Built with everything, shipped with what runs: no compiler, no install script, no root.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json ./
COPY .config .config
RUN npm ci --ignore-scripts
COPY src src
COPY workers workers
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production
WORKDIR /config
RUN mkdir /state && chown node:node /state
COPY --from=build /app/node_modules /app/node_modules
COPY --from=build /app/dist /app/dist
COPY package.json LICENSE /app/
COPY rules /app/rules
USER node
ENTRYPOINT ["node", "/app/dist/src/cli/main.js"]
CMD ["start"]
