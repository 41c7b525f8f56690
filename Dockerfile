FROM python:3.12-slim
RUN useradd --create-home --uid 10001 newsgist && mkdir /data && chown newsgist /data
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY bot bot
COPY summarizer summarizer
COPY storage storage
RUN pip install --no-cache-dir -c constraints.txt .
USER newsgist
ENV NEWSGIST_DATA=/data NEWSGIST_LISTEN=0.0.0.0:8080
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD python -c "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"
ENTRYPOINT ["newsgist"]
CMD ["run"]
