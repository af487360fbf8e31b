/** Pages of the land: the pre-check, and maps of assessments and plan layers. */

import "../styles/map.css";
import "../styles/land.css";
import { lookAtLand } from "../land/look";
import { precheck } from "../land/precheck";
import { whenPresent } from "../site/enhance";

whenPresent<HTMLElement>('[data-map="precheck"]', precheck);
whenPresent<HTMLElement>('[data-map="land"]', lookAtLand);
