# The dashboard, and precompute with it. 3Dmol.js and Plotly are built in from npm; nothing is fetched at run time.
#
#   docker build --tag protein-attention-atlas .
#   docker run --publish 8501:8501 --volume "$PWD/results:/results" protein-attention-atlas
#
# torch is the build for CPUs. For a GPU name its CUDA, as uv calls it: --build-arg TORCH=cu130;
# an empty name takes what the configured index has.

FROM node:22-slim AS library
WORKDIR /library
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim AS environment
ARG TORCH=cpu
ARG UV=0.13.9
WORKDIR /environment
RUN python -m venv /opt/venv \
    && python -m venv /opt/uv \
    && /opt/uv/bin/python -m pip install --no-cache-dir --disable-pip-version-check "uv==$UV"
COPY requirements.txt ./
# uv knows where each build of torch is; pip would have to be told an index.
RUN /opt/uv/bin/uv pip install --no-cache --compile-bytecode --python /opt/venv/bin/python \
        ${TORCH:+"--torch-backend=$TORCH"} -r requirements.txt

FROM python:3.11-slim
RUN groupadd --gid 10001 atlas \
    && useradd --uid 10001 --gid 10001 --create-home atlas \
    && mkdir /results /models /cache \
    && chown atlas:atlas /results /models /cache
COPY --from=environment /opt/venv /opt/venv
WORKDIR /app
COPY LICENSE NOTICE README.md CITATION.cff pyproject.toml serve.py streamlit_app.py ./
COPY .streamlit .streamlit
COPY precompute precompute
COPY dashboard dashboard
COPY pages pages
COPY --from=library /library/node_modules/3dmol/build/3Dmol-min.js static/3Dmol-min.js
COPY --from=library /library/node_modules/3dmol/LICENSE static/3Dmol-LICENSE.txt
COPY --from=library /library/node_modules/plotly.js-cartesian-dist-min/plotly-cartesian.min.js static/
COPY --from=library /library/node_modules/plotly.js-cartesian-dist-min/LICENSE static/plotly-LICENSE.txt

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ATLAS_RESULTS=/results \
    HF_HOME=/models \
    ATLAS_CACHE=/cache \
    ATLAS_LIVE_DOWNLOADS=0 \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_PORT=8501 \
    STREAMLIT_SERVER_HEADLESS=true \
    STREAMLIT_BROWSER_GATHER_USAGE_STATS=false

USER 10001:10001
VOLUME ["/results", "/models", "/cache"]
EXPOSE 8501
HEALTHCHECK --interval=60s --timeout=40s --start-period=60s --retries=3 \
    CMD ["python", "-m", "dashboard.health", "--deep"]
CMD ["python", "-m", "streamlit", "run", "serve.py"]
