// The API's documentation by Swagger UI: OpenAPI 3.1 in full, kept by SmartBear
// with frequent releases, and served from our own origin.

import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";
import "swagger-ui-dist/swagger-ui.css";

SwaggerUI({ url: "/api/openapi.json", dom_id: "#docs", deepLinking: true, validatorUrl: null });
